import { html, nothing, render, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import { formatMoment } from '@node-to-cloud/browser-kit/format/time'
import type { AppContext } from '../../app-context.ts'
import { ApiError } from '../../client/api.ts'
import { type Annotated, type InstantAnswer, PromqlClient } from '../../client/promql-client.ts'
import { createWidget } from '../../dashboard/widgets/create-widget.ts'
import { widgetEvents } from '../../dashboard/widgets/widget-events.ts'
import type { WidgetView } from '../../dashboard/widgets/widget-view.ts'
import { el } from '../../element.ts'
import { copyButton } from '../../empty-state.ts'
import { endsOf } from '../../range/time-range.ts'
import { placedError } from './error-place.ts'
import { instantTable } from './instant-table.ts'
import { QueryEditor } from './query-editor.ts'
import { Suggestions } from './suggestions.ts'

/**
 * A PromQL query with its graph over the time range and its values at the end of the range; the query is in the
 * address.
 */
export class PromqlTab {
  readonly element = el('section', { class: 'promql' })
  readonly #app: AppContext
  readonly #editor: QueryEditor
  readonly #client: PromqlClient
  #graph: { readonly query: string; readonly view: WidgetView } | undefined
  #answer: Annotated<InstantAnswer> | undefined
  #atMs = 0
  #error = ''

  constructor(app: AppContext, project: string) {
    this.#app = app
    this.#client = new PromqlClient(project)
    this.#editor = new QueryEditor(new Suggestions(this.#client), (query) => app.setParameters({ query }))
  }

  /** Runs the query in the address again. */
  async refresh(signal: AbortSignal): Promise<void> {
    const { query = '' } = this.#app.route().parameters
    this.#editor.show(query)
    const { startMs, endMs } = endsOf(this.#app.range(), this.#app.nowMs())
    this.#error = ''
    this.#answer = undefined
    if (query !== '') {
      try {
        this.#atMs = endMs
        this.#answer = await this.#client.instant(query, endMs, signal)
        await this.#drawGraph(query, { startMs, endMs }, signal)
      } catch (error) {
        if (!(error instanceof ApiError) || error.code === 0) throw error
        this.#error = error.message
      }
    }
    this.#draw(query)
  }

  focusSearch(): void {
    this.#editor.focus()
  }

  destroy(): void {
    this.#graph?.view.destroy()
  }

  async #drawGraph(
    query: string,
    ends: { readonly startMs: number; readonly endMs: number },
    signal: AbortSignal,
  ): Promise<void> {
    // A range vector and a string have no graph.
    if (this.#answer?.data.resultType === 'matrix' || this.#answer?.data.resultType === 'string') {
      this.#graph?.view.destroy()
      this.#graph = undefined
      return
    }
    if (this.#graph?.query !== query) {
      this.#graph?.view.destroy()
      const dataSets = [{ plotType: 'LINE', timeSeriesQuery: { prometheusQuery: query } }]
      this.#graph = { query, view: createWidget({ xyChart: { dataSets } }, widgetEvents(this.#app), this.#app.api) }
    }
    const { view } = this.#graph
    const { results, nowMs } = await this.#app.api.query(ends.startMs, ends.endMs, view.queries, signal)
    view.update(results, { ...ends, nowMs })
  }

  #draw(query: string): void {
    const link = copyButton(() => location.href, 'button-small', 'Copy link')
    render(
      html`${this.#editor.element}
        ${this.#error === '' ? this.#answerView() : errorView(query, this.#error)}
        ${query === '' ? hintView() : html`<p class="promql-share">The address of this page contains the query and the time range. ${link}</p>`}`,
      this.element,
    )
  }

  #answerView(): TemplateResult | typeof nothing {
    if (this.#answer === undefined) return nothing
    const { data, warnings = [], infos = [] } = this.#answer
    const graph =
      this.#graph === undefined
        ? nothing
        : html`<article class="tile explorer-chart"><h2 class="tile-title">Graph</h2><div class="tile-body">${this.#graph.view.body}</div></article>`
    return html`${warnings.map((text) => html`<p class="promql-annotation promql-warning">${text}</p>`)}
      ${infos.map((text) => html`<p class="promql-annotation">${text}</p>`)} ${graph}
      <article class="tile promql-table">
        <h2 class="tile-title">Values at ${formatMoment(this.#atMs)}</h2>
        ${instantTable(data)}
      </article>`
  }
}

function errorView(query: string, error: string): TemplateResult {
  const { message, before, part, after } = placedError(query, error)
  const place = part === '' ? nothing : html`<pre class="promql-place">${before}<mark>${part}</mark>${after}</pre>`
  return html`<div class="promql-error" role="alert"><p>${message}</p>${place}</div>`
}

function hintView(): TemplateResult {
  return html`<p class="muted promql-share">
    A metric of Cloud Monitoring is named as in PromQL there: <code>external_googleapis_com:prometheus_NAME</code>, or NAME alone for
    Managed Service for Prometheus. Type the beginning of one, or of a function, to see what there is.
  </p>`
}
