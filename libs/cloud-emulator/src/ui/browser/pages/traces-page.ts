import { html, render, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import type { TraceList } from '../../../contract/traces.ts'
import type { AppContext, Page } from '../app-context.ts'
import { ScatterChart } from '../chart/scatter-chart.ts'
import { el } from '../element.ts'
import { codeBlock, emptyState, otherProjects, otlpExample } from '../empty-state.ts'
import { endsOf, zoomTo } from '../range/time-range.ts'
import { moveFocusWithArrows } from '../roving-focus.ts'
import { serviceMapView } from '../traces/service-map.ts'
import { filterOf, isServiceMap, listRequest, traceFiltersView } from '../traces/trace-filters.ts'
import { shownText, traceTable } from '../traces/trace-table.ts'
import { TraceView } from '../traces/trace-view.ts'

/** Shows the durations of traces over time, a list with filters, and the waterfall of one trace. */
export class TracesPage implements Page {
  readonly element = el('div', { class: 'page traces-page' })
  readonly #app: AppContext
  readonly #list = el('div', { class: 'trace-lists' })
  readonly #plot = el('div', {
    class: 'chart scatter',
    tabindex: '0',
    role: 'group',
    'aria-label': 'Durations of traces over time: arrow keys move, Enter opens',
  })
  readonly #scatter: ScatterChart
  readonly #trace: TraceView
  /** The options of the filters. */
  #found: Pick<TraceList, 'services' | 'names'> = { services: [], names: [] }

  constructor(app: AppContext) {
    this.#app = app
    this.#trace = new TraceView(app)
    this.#scatter = new ScatterChart(this.#plot, {
      onZoom: (startMs, endMs) => app.setRange(zoomTo(startMs, endMs)),
      onZoomReset: () => app.resetRange(),
      onOpen: (traceId) => app.navigate({ page: 'traces', id: traceId, parameters: app.route().parameters }),
    })
    moveFocusWithArrows(this.#list, '.trace-row a')
  }

  async refresh(signal: AbortSignal): Promise<void> {
    const { id } = this.#app.route()
    const wanted = id === undefined ? this.#list : this.#trace.element
    if (this.element.firstElementChild !== wanted) {
      // Moves the focus to the trace, for users who opened it with the keyboard.
      const hadFocus = this.#list.contains(document.activeElement)
      this.element.replaceChildren(wanted)
      if (hadFocus) wanted.focus({ preventScroll: true })
    }
    if (id !== undefined) await this.#trace.refresh(id, signal)
    else if (isServiceMap(this.#app.route().parameters)) await this.#refreshMap(signal)
    else await this.#refreshList(signal)
  }

  focusSearch(): void {
    if (this.#list.isConnected) this.#list.querySelector('select')?.focus()
    else this.#trace.focusSearch()
  }

  destroy(): void {
    this.#scatter.destroy()
  }

  async #refreshMap(signal: AbortSignal): Promise<void> {
    const app = this.#app
    const { startMs, endMs } = endsOf(app.range(), app.nowMs())
    const found = await app.api.serviceMap({ start: Math.round(startMs), end: Math.round(endMs) }, signal)
    const { view: _, ...parameters } = app.route().parameters
    const map = serviceMapView(found, (service) => app.link('traces', undefined, { ...parameters, service }))
    render(html`${traceFiltersView(app, this.#found)}<article class="tile service-map">${map}</article>`, this.#list)
  }

  async #refreshList(signal: AbortSignal): Promise<void> {
    const { parameters } = this.#app.route()
    const ends = endsOf(this.#app.range(), this.#app.nowMs())
    const found = await this.#app.api.traces(listRequest(parameters, ends), signal)
    this.#found = found
    const points = found.plot?.points ?? []
    const order = parameters.sort || 'newest'
    render(
      html`${traceFiltersView(this.#app, found)}
        <article class="tile scatter-tile"><div class="tile-body">${this.#plot}</div></article>
        <p class="muted list-summary" role="status">${shownText(found, order)}</p>
        ${found.traces.length > 0 ? traceTable(this.#app, found) : this.#nothing(found)}`,
      this.#list,
    )
    this.#scatter.update({
      ...ends,
      points: points.map(({ traceId, name, startMs, durationMs, failed }) => ({
        id: traceId,
        name,
        timeMs: startMs,
        durationMs,
        error: failed,
      })),
    })
  }

  #nothing({ arriving = 0 }: TraceList): TemplateResult {
    const summary = this.#app.summary()
    const isFiltered = Object.keys(filterOf(this.#app.route().parameters)).length > 0
    if (isFiltered || arriving > 0 || (summary?.spans ?? 0) > 0)
      return emptyState('No trace matches', html`<p>Widen the time range or clear a filter.</p>`)
    return emptyState(
      'No traces yet',
      html`${otherProjects(this.#app, 'traces')}
        <p>Start the whole pipeline, whose services are traced:</p>
        ${codeBlock('npm start')}
        <p>or send the spans of your own service:</p>
        ${codeBlock(otlpExample(summary))}`,
    )
  }
}
