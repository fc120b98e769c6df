import type { ChartQuery, QueryResult } from '../../../contract/charts.ts'
import type { Dashboard, Widget } from '../../../contract/dashboard.ts'
import type { AppContext } from '../app-context.ts'
import { el } from '../element.ts'
import { endsOf } from '../range/time-range.ts'
import { applyFilters, type FilterChoices } from './filters.ts'
import { layOut, type PlacedWidget, type Section } from './layout.ts'
import { alignmentOf, alignmentPeriodSeconds, fitPeriod, isMergeable, mergeResults } from './query-plan.ts'
import { shiftResult } from './timeshift.ts'
import { createWidget } from './widgets/create-widget.ts'
import { widgetEvents } from './widgets/widget-events.ts'
import type { WidgetEvents, WidgetView } from './widgets/widget-view.ts'

/** Late points still change periods that have ended, so this much of the range is queried again each time. */
const SETTLED_AFTER_MS = 240_000
/** The whole range is queried again after this time, for points that arrive even later. */
const REQUERY_AFTER_MS = 120_000

/** What a result is taken for that has no alignment period. */
const LONGEST_MERGED_MS = 60_000

/** Where the newest minutes begin: at a whole alignment period, with two before it. */
function newestFrom({ startMs, endMs }: { readonly startMs: number; readonly endMs: number }): number {
  const boundaryMs = alignmentPeriodSeconds(undefined, (endMs - startMs) / 1000) * 1000
  return Math.max(startMs, Math.floor((endMs - SETTLED_AFTER_MS) / boundaryMs) * boundaryMs - 2 * boundaryMs)
}

/** The longest alignment period of results with series, if they have several; 0 if they have one. */
function commonPeriod(results: readonly QueryResult[]): number {
  const periods = results.flatMap(({ series = [], alignmentPeriodSeconds = 0 }) =>
    series.length > 0 ? [alignmentPeriodSeconds] : [],
  )
  return new Set(periods).size > 1 ? Math.max(...periods) : 0
}

interface Mounted {
  readonly view: WidgetView
  readonly section: Section
  results: readonly QueryResult[]
  /** The shortest alignment period that all its data sets can have. */
  finestSeconds: number
}

/** A dashboard: its tiles, and the one request that fills them. */
export class DashboardView {
  readonly element: HTMLElement
  readonly #app: AppContext
  readonly #dashboard: Dashboard
  readonly #mounted: Mounted[] = []
  readonly #open = new Set<Section>()
  #asked = ''
  #wholeAtMs = 0

  constructor(dashboard: Dashboard, app: AppContext) {
    this.#app = app
    this.#dashboard = dashboard
    const events = widgetEvents(app)
    const sections = layOut(dashboard).map((section) => this.#section(section, events))
    this.element = el(
      'div',
      { class: 'dashboard' },
      ...(sections.length > 0 ? sections : [el('p', { class: 'muted' }, 'This dashboard has no widgets.')]),
    )
  }

  #section(section: Section, events: WidgetEvents): HTMLElement {
    const grid = el(
      'div',
      { class: 'grid', style: { '--columns': String(section.columns), '--row-columns': String(section.rowColumns) } },
      ...section.tiles.map((tile) => this.#tile(tile, section, events)),
    )
    if (section.title === undefined) {
      this.#open.add(section)
      return grid
    }
    const details = el('details', { class: 'group', open: !section.collapsed }, el('summary', {}, section.title), grid)
    if (!section.collapsed) this.#open.add(section)
    details.addEventListener('toggle', () => {
      if (details.open === this.#open.has(section)) return
      if (details.open) this.#open.add(section)
      else this.#open.delete(section)
      this.#asked = ''
      this.#app.setParameters({}, { replace: true })
    })
    return details
  }

  #tile(tile: PlacedWidget, section: Section, events: WidgetEvents): HTMLElement {
    const { widget } = tile
    const style = {
      '--x': String(tile.x + 1),
      '--y': String(tile.y + 1),
      '--w': String(tile.width),
      '--h': String(tile.height),
    }
    if (widget.sectionHeader) return sectionHeader(widget, widget.sectionHeader, style)
    const { view } = this.#mount(widget, section, events)
    const body = el('div', { class: 'tile-body' }, view.body)
    if (tile.views !== undefined && tile.views.length > 1) {
      const chooser = this.#viewChooser(tile.views, view, { section, events, body })
      return el('article', { class: 'tile', style }, el('div', { class: 'tile-title' }, chooser), body)
    }
    return el(
      'article',
      { class: 'tile', style },
      widget.title ? el('h2', { class: 'tile-title', title: widget.title }, widget.title) : null,
      body,
    )
  }

  #mount(widget: Widget, section: Section, events: WidgetEvents): Mounted {
    const mounted: Mounted = {
      view: createWidget(widget, events, this.#app.api),
      section,
      results: [],
      finestSeconds: 1,
    }
    this.#mounted.push(mounted)
    return mounted
  }

  /** The titles of a group's views; the chosen one takes the place of the one that is shown. */
  #viewChooser(
    views: readonly Widget[],
    first: WidgetView,
    { section, events, body }: { readonly section: Section; readonly events: WidgetEvents; readonly body: HTMLElement },
  ): HTMLElement {
    let shown = first
    const options = views.map(({ title = '' }, index) => el('option', { value: index }, title || `View ${index + 1}`))
    const chooser = el('select', { class: 'view-chooser', 'aria-label': 'View' }, ...options)
    chooser.addEventListener('change', () => {
      const widget = views[Number(chooser.value)]
      if (widget === undefined) return
      const at = this.#mounted.findIndex(({ view }) => view === shown)
      this.#mounted.splice(at, 1)
      shown.destroy()
      shown = this.#mount(widget, section, events).view
      body.replaceChildren(shown.body)
      this.#asked = ''
      this.#app.setParameters({}, { replace: true })
    })
    return chooser
  }

  /** Queries and draws the visible widgets: the whole range at first, then only the newest minutes. */
  async refresh(choices: FilterChoices, signal: AbortSignal): Promise<void> {
    const app = this.#app
    const nowMs = app.nowMs()
    const ends = endsOf(app.range(), nowMs)
    const open = this.#mounted.filter(({ section }) => this.#open.has(section))
    const preparing = open.flatMap(({ view }) => (view.prepare ? [view.prepare(nowMs, signal)] : []))
    // Without a wait the request is on its way before the page is laid out.
    if (preparing.length > 0) await Promise.all(preparing)
    const active = open.filter(({ view }) => view.queries.length > 0)
    const asked = JSON.stringify([app.range(), choices, active.length, app.route().parameters.alignment])
    const isWhole =
      asked !== this.#asked || app.range().kind === 'between' || nowMs - this.#wholeAtMs > REQUERY_AFTER_MS
    const askFromMs = isWhole ? ends.startMs : newestFrom(ends)
    const queries = active.flatMap((mounted) => this.#queriesOf(mounted, choices, { ...ends, askFromMs }))
    const answer =
      queries.length > 0 ? await app.api.query(askFromMs, ends.endMs, queries, signal) : { nowMs, results: [] }
    app.sawServerTime(answer.nowMs)
    this.#asked = asked
    if (isWhole) this.#wholeAtMs = nowMs
    const loading = open.map(({ view }) => view.load?.({ ...ends, nowMs }, signal))
    let next = 0
    let differs = false
    for (const mounted of active) {
      const { queries: own } = mounted.view
      const fresh = answer.results
        .slice(next, next + own.length)
        .map((result, index) => shiftResult(result, own[index]?.shiftMs ?? 0))
      next += own.length
      mounted.results = isWhole ? fresh : this.#merged(mounted, fresh, { askFromMs, startMs: ends.startMs })
      mounted.view.update(mounted.results, { ...ends, nowMs })
      const finestSeconds = commonPeriod(mounted.results)
      if (finestSeconds <= mounted.finestSeconds) continue
      mounted.finestSeconds = finestSeconds
      differs = true
    }
    await Promise.all(loading)
    if (!differs) return
    // Data sets of one chart are written at different distances: all get the longest.
    this.#asked = ''
    await this.refresh(choices, signal)
  }

  /** The queries of a widget with the dashboard's filters and an alignment period that suits the range. */
  #queriesOf(
    { view, finestSeconds: least }: Mounted,
    choices: FilterChoices,
    { startMs, endMs, askFromMs }: { readonly startMs: number; readonly endMs: number; readonly askFromMs: number },
  ): readonly ChartQuery[] {
    const rangeSeconds = (endMs - startMs) / 1000
    const alignment = alignmentOf(this.#app.route().parameters, rangeSeconds, least)
    return view.queries.map(({ minAlignmentPeriod, timeSeriesQuery, shiftMs = 0, ...query }) => {
      const isWhole = !isMergeable(timeSeriesQuery)
      const filtered = applyFilters(timeSeriesQuery, this.#dashboard.dashboardFilters ?? [], choices)
      const times = {
        startTime: Math.round((isWhole ? startMs : askFromMs) - shiftMs),
        endTime: Math.round(endMs - shiftMs),
      }
      return {
        ...query,
        ...alignment,
        ...(shiftMs > 0 || isWhole ? times : {}),
        timeSeriesQuery: fitPeriod(filtered, rangeSeconds, minAlignmentPeriod),
      }
    })
  }

  /** What was known with the newest minutes. The first period of an answer began before it, so it is left out. */
  #merged(
    { view, results }: Mounted,
    fresh: readonly QueryResult[],
    { askFromMs, startMs }: { readonly askFromMs: number; readonly startMs: number },
  ): readonly QueryResult[] {
    return fresh.map((result, index) => {
      const known = results[index]
      if (known === undefined || !isMergeable(view.queries[index]?.timeSeriesQuery ?? {})) return result
      // The data have become finer or coarser: the rest of the range is asked for next time.
      if (known.alignmentPeriodSeconds !== result.alignmentPeriodSeconds) this.#asked = ''
      const periodMs = (result.alignmentPeriodSeconds ?? LONGEST_MERGED_MS / 1000) * 1000
      return mergeResults(known, result, askFromMs + periodMs + 1, startMs)
    })
  }

  destroy(): void {
    for (const { view } of this.#mounted) view.destroy()
  }
}

function sectionHeader(
  widget: Widget,
  header: NonNullable<Widget['sectionHeader']>,
  style: Record<string, string>,
): HTMLElement {
  return el(
    'header',
    { class: header.dividerBelow ? 'section-header section-header-divided' : 'section-header', style },
    el('h2', {}, widget.title ?? ''),
    header.subtitle ? el('p', {}, header.subtitle) : null,
  )
}
