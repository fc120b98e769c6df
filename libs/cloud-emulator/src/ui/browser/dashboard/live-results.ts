import type { ChartQuery, QueryResult } from '../../../contract/charts.ts'
import type { DashboardFilter } from '../../../contract/dashboard.ts'
import { applyFilters, type FilterChoices } from './filters.ts'
import { alignmentOf, alignmentPeriodSeconds, fitPeriod, isMergeable, mergeResults } from './query-plan.ts'
import type { WidgetQuery } from './widgets/widget-view.ts'

/** Late points still change past periods, so this much of the range is queried again each time. */
const SETTLED_AFTER_MS = 240_000
/** The assumed period of a result without an alignment period. */
const DEFAULT_PERIOD_MS = 60_000

/** A time range, and the time from which on it is queried again. */
export interface QueriedRange {
  readonly startMs: number
  readonly endMs: number
  readonly queryFromMs: number
}

/** The start of the newest minutes: aligned to a period, with two more periods before it. */
export function newestFrom({ startMs, endMs }: Pick<QueriedRange, 'startMs' | 'endMs'>): number {
  const boundaryMs = alignmentPeriodSeconds(undefined, (endMs - startMs) / 1000) * 1000
  return Math.max(startMs, Math.floor((endMs - SETTLED_AFTER_MS) / boundaryMs) * boundaryMs - 2 * boundaryMs)
}

/** The longest alignment period of results with series, if they have several; 0 if they have one. */
export function commonPeriod(results: readonly QueryResult[]): number {
  const periods = results.flatMap(({ series = [], alignmentPeriodSeconds = 0 }) =>
    series.length > 0 ? [alignmentPeriodSeconds] : [],
  )
  return new Set(periods).size > 1 ? Math.max(...periods) : 0
}

/** The queries of a widget with a dashboard's filters and an alignment period that is suitable for the range. */
export function queriesFor(
  queries: readonly WidgetQuery[],
  options: {
    readonly filters: readonly DashboardFilter[]
    readonly choices: FilterChoices
    readonly parameters: Readonly<Record<string, string>>
    readonly range: QueriedRange
    /** The shortest alignment period that is possible for all of them. */
    readonly minimumSeconds: number
  },
): readonly ChartQuery[] {
  const { filters, choices, parameters, minimumSeconds } = options
  const { startMs, endMs, queryFromMs } = options.range
  const rangeSeconds = (endMs - startMs) / 1000
  const alignment = alignmentOf(parameters, rangeSeconds, minimumSeconds)
  return queries.map(({ minAlignmentPeriod, timeSeriesQuery, shiftMs = 0, ...query }) => {
    const isWhole = !isMergeable(timeSeriesQuery)
    const times = {
      startTime: Math.round((isWhole ? startMs : queryFromMs) - shiftMs),
      endTime: Math.round(endMs - shiftMs),
    }
    return {
      ...query,
      ...alignment,
      ...(shiftMs > 0 || isWhole ? times : {}),
      timeSeriesQuery: fitPeriod(applyFilters(timeSeriesQuery, filters, choices), rangeSeconds, minAlignmentPeriod),
    }
  })
}

/**
 * Merges the known results with the newest minutes. The first period of a result began before them, so it is left out.
 * If the resolution of the data has changed, the rest of the range is outdated.
 */
export function mergedResults(
  known: readonly QueryResult[],
  fresh: readonly QueryResult[],
  queries: readonly WidgetQuery[],
  { queryFromMs, startMs }: Pick<QueriedRange, 'queryFromMs' | 'startMs'>,
): { readonly results: readonly QueryResult[]; readonly isOutdated: boolean } {
  let isOutdated = false
  const results = fresh.map((result, index) => {
    const before = known[index]
    if (before === undefined || !isMergeable(queries[index]?.timeSeriesQuery ?? {})) return result
    if (before.alignmentPeriodSeconds !== result.alignmentPeriodSeconds) isOutdated = true
    const periodMs = (result.alignmentPeriodSeconds ?? DEFAULT_PERIOD_MS / 1000) * 1000
    return mergeResults(before, result, queryFromMs + periodMs + 1, startMs)
  })
  return { results, isOutdated }
}
