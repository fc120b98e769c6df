import type { QueryResult } from '../../../contract/charts.ts'
import type { Dashboard, Widget } from '../../../contract/dashboard.ts'
import type { AppContext } from '../app-context.ts'
import { el } from '../element.ts'
import { endsOf } from '../time-range.ts'
import { applyFilters, type FilterChoices } from './filters.ts'
import { layOut, type PlacedWidget, type Section } from './layout.ts'
import { alignmentPeriodSeconds, fitPeriod, isMergeable, mergeResults } from './query-plan.ts'
import { shiftResult } from './timeshift.ts'
import { createWidget } from './widgets/create-widget.ts'
import { widgetEvents } from './widgets/widget-events.ts'
import type { WidgetEvents, WidgetView } from './widgets/widget-view.ts'

/** Late points still change periods that have ended, so this much of the range is queried again each time. */
const SETTLED_AFTER_MS = 240_000
/** The whole range is queried again after this time, for points that arrive even later. */
const REQUERY_AFTER_MS = 120_000

interface Mounted {
  readonly view: WidgetView
  readonly section: Section
  results: readonly QueryResult[]
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
  #period = 60

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
    const view = createWidget(widget, events, this.#app.api)
    this.#mounted.push({ view, section, results: [] })
    return el(
      'article',
      { class: 'tile', style },
      widget.title ? el('h2', { class: 'tile-title', title: widget.title }, widget.title) : null,
      el('div', { class: 'tile-body' }, view.body),
    )
  }

  /** Queries and draws the visible widgets: the whole range at first, then only the newest minutes. */
  async refresh(choices: FilterChoices, signal: AbortSignal): Promise<void> {
    const app = this.#app
    const range = app.range()
    const nowMs = app.nowMs()
    const { startMs, endMs } = endsOf(range, nowMs)
    const rangeSeconds = (endMs - startMs) / 1000
    const open = this.#mounted.filter(({ section }) => this.#open.has(section))
    await Promise.all(open.map(({ view }) => view.prepare?.(nowMs, signal)))
    const active = open.filter(({ view }) => view.queries.length > 0)
    const asked = JSON.stringify([range, choices, active.length])
    const whole =
      asked !== this.#asked ||
      range.kind === 'between' ||
      nowMs - this.#wholeAtMs > REQUERY_AFTER_MS ||
      active.length === 0
    const period = alignmentPeriodSeconds(undefined, rangeSeconds)
    this.#period = Math.max(period, 60)
    const boundaryMs = this.#period * 1000
    const askFromMs = whole
      ? startMs
      : Math.max(startMs, Math.floor((endMs - SETTLED_AFTER_MS) / boundaryMs) * boundaryMs - 2 * boundaryMs)

    const queries = active.flatMap(({ view }) =>
      view.queries.map(({ minAlignmentPeriod, timeSeriesQuery, shiftMs = 0, ...query }) => ({
        ...query,
        ...(shiftMs > 0 || !isMergeable(timeSeriesQuery)
          ? {
              startTime: Math.round((isMergeable(timeSeriesQuery) ? askFromMs : startMs) - shiftMs),
              endTime: Math.round(endMs - shiftMs),
            }
          : {}),
        timeSeriesQuery: fitPeriod(
          applyFilters(timeSeriesQuery, this.#dashboard.dashboardFilters ?? [], choices),
          rangeSeconds,
          minAlignmentPeriod,
        ),
      })),
    )
    const answer = queries.length > 0 ? await app.api.query(askFromMs, endMs, queries, signal) : { nowMs, results: [] }
    app.sawServerTime(answer.nowMs)
    this.#asked = asked
    if (whole) this.#wholeAtMs = nowMs

    const loading = this.#mounted
      .filter(({ section }) => this.#open.has(section))
      .map(({ view }) => view.load?.({ startMs, endMs, nowMs }, signal))
    let next = 0
    for (const mounted of active) {
      const { queries: asked } = mounted.view
      const fresh = answer.results
        .slice(next, next + asked.length)
        .map((result, index) => shiftResult(result, asked[index]?.shiftMs ?? 0))
      next += asked.length
      mounted.results = whole
        ? fresh
        : fresh.map((result, index) => {
            const known = mounted.results[index]
            const periodMs = (result.alignmentPeriodSeconds ?? this.#period) * 1000
            // The first period of the answer is incomplete, since it began before the queried interval.
            const mergeable = isMergeable(asked[index]?.timeSeriesQuery ?? {})
            return known && mergeable ? mergeResults(known, result, askFromMs + periodMs + 1, startMs) : result
          })
      mounted.view.update(mounted.results, { startMs, endMs, nowMs })
    }
    await Promise.all(loading)
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
