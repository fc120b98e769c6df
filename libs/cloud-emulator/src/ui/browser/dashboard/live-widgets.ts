import type { QueryResult } from '../../../contract/charts.ts'
import type { Dashboard, Widget } from '../../../contract/dashboard.ts'
import type { AppContext } from '../app-context.ts'
import { endsOf } from '../range/time-range.ts'
import type { FilterChoices } from './filters.ts'
import type { Section } from './layout.ts'
import { commonPeriod, mergedResults, newestFrom, queriesFor } from './live-results.ts'
import { shiftResult } from './timeshift.ts'
import { createWidget } from './widgets/create-widget.ts'
import { widgetEvents } from './widgets/widget-events.ts'
import type { WidgetEvents, WidgetView } from './widgets/widget-view.ts'

/** The whole range is queried again after this time, to include points that arrive very late. */
const REQUERY_AFTER_MS = 120_000

interface Mounted {
  readonly view: WidgetView
  readonly section: Section
  results: readonly QueryResult[]
  /** The shortest alignment period that is possible for all of its data sets. */
  finestSeconds: number
}

/** The widgets of a dashboard, and the single request that fills those in open sections. */
export class LiveWidgets {
  readonly #app: AppContext
  readonly #dashboard: Dashboard
  readonly #events: WidgetEvents
  readonly #mounted: Mounted[] = []
  readonly #open = new Set<Section>()
  #asked = ''
  #fullyQueriedMs = 0

  constructor(dashboard: Dashboard, app: AppContext) {
    this.#app = app
    this.#dashboard = dashboard
    this.#events = widgetEvents(app)
  }

  /** Adds a widget, or replaces another one if that is given. */
  mount(widget: Widget, section: Section, inPlaceOf?: WidgetView): WidgetView {
    const view = createWidget(widget, this.#events, this.#app.api)
    const at = this.#mounted.findIndex((one) => one.view === inPlaceOf)
    if (at >= 0) this.#mounted.splice(at, 1)
    inPlaceOf?.destroy()
    this.#mounted.push({ view, section, results: [], finestSeconds: 1 })
    return view
  }

  isOpen(section: Section): boolean {
    return this.#open.has(section)
  }

  /** Whether the widgets of a section are queried. */
  setOpen(section: Section, isOpen: boolean): void {
    if (isOpen) this.#open.add(section)
    else this.#open.delete(section)
  }

  /** Queries the whole range next time, and soon. */
  reload(): void {
    this.#asked = ''
    this.#app.setParameters({}, { replace: true })
  }

  /** Queries and draws the visible widgets: the whole range at first, then only the newest minutes. */
  async refresh(choices: FilterChoices, signal: AbortSignal): Promise<void> {
    const app = this.#app
    const nowMs = app.nowMs()
    const ends = endsOf(app.range(), nowMs)
    const open = this.#mounted.filter(({ section }) => this.#open.has(section))
    const preparing = open.flatMap(({ view }) => (view.prepare ? [view.prepare(nowMs, signal)] : []))
    // No await before this, so that the request is sent before the page is laid out.
    if (preparing.length > 0) await Promise.all(preparing)
    const active = open.filter(({ view }) => view.queries.length > 0)
    const asked = JSON.stringify([app.range(), choices, active.length, app.route().parameters.alignment])
    const isWhole =
      asked !== this.#asked || app.range().kind === 'between' || nowMs - this.#fullyQueriedMs > REQUERY_AFTER_MS
    const queryFromMs = isWhole ? ends.startMs : newestFrom(ends)
    const range = { ...ends, queryFromMs }
    const { parameters } = app.route()
    const filters = this.#dashboard.dashboardFilters ?? []
    const queries = active.flatMap(({ view, finestSeconds: minimumSeconds }) =>
      queriesFor(view.queries, { filters, choices, parameters, range, minimumSeconds }),
    )
    const answer =
      queries.length > 0 ? await app.api.query(queryFromMs, ends.endMs, queries, signal) : { nowMs, results: [] }
    app.sawServerTime(answer.nowMs)
    this.#asked = asked
    if (isWhole) this.#fullyQueriedMs = nowMs
    const loading = open.map(({ view }) => view.load?.({ ...ends, nowMs }, signal))
    let next = 0
    let differs = false
    for (const mounted of active) {
      const { queries: own } = mounted.view
      const fresh = answer.results
        .slice(next, next + own.length)
        .map((result, index) => shiftResult(result, own[index]?.shiftMs ?? 0))
      next += own.length
      const merged = isWhole ? undefined : mergedResults(mounted.results, fresh, own, range)
      // The rest of the range is queried next time.
      if (merged?.isOutdated) this.#asked = ''
      mounted.results = merged?.results ?? fresh
      mounted.view.update(mounted.results, { ...ends, nowMs })
      const finestSeconds = commonPeriod(mounted.results)
      if (finestSeconds <= mounted.finestSeconds) continue
      mounted.finestSeconds = finestSeconds
      differs = true
    }
    await Promise.all(loading)
    if (!differs) return
    // If data sets of one chart are written at different intervals, all get the longest.
    this.#asked = ''
    await this.refresh(choices, signal)
  }

  destroy(): void {
    for (const { view } of this.#mounted) view.destroy()
  }
}
