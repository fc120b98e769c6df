import type { Aggregation } from '../monitoring/aggregation/aggregation.ts'
import type { Series } from '../monitoring/store/series.ts'

/** Cloud Monitoring's minimum alignment period, and the shorter periods to choose from. */
const CLOUD_MIN_PERIOD_SECONDS = 60
const SHORT_PERIODS_SECONDS = [1, 2, 5, 10, 15, 20, 30]
/** How many recent points show how often a series is written, and how many series are sampled. */
const POINTS_READ = 12
const SERIES_READ = 20
/** Points are sometimes slightly early. */
const TOLERANCE = 0.9
/** Aligners whose values grow with the period: with a shorter one they would differ from Cloud Monitoring. */
const GROWING = new Set(['ALIGN_DELTA', 'ALIGN_SUM', 'ALIGN_COUNT', 'ALIGN_COUNT_TRUE', 'ALIGN_COUNT_FALSE'])

/**
 * An aggregation with the interval of the selected series as its period, if it has Cloud Monitoring's minimum period
 * and its values do not depend on the period.
 */
export function atDataResolution(
  aggregation: Aggregation,
  {
    series,
    isDistribution,
    minimumMicros,
  }: { readonly series: readonly Series[]; readonly isDistribution: boolean; readonly minimumMicros: number },
): Aggregation {
  const { periodMicros, aligner } = aggregation
  if (periodMicros !== CLOUD_MIN_PERIOD_SECONDS * 1e6) return aggregation
  if (GROWING.has(aligner) && !isDistribution) return aggregation
  const wanted = Math.max(slowestInterval(series), minimumMicros) * TOLERANCE
  const seconds = SHORT_PERIODS_SECONDS.find((one) => one * 1e6 >= wanted)
  return seconds === undefined ? aggregation : { ...aggregation, periodMicros: seconds * 1e6 }
}

/** The longest median interval of recent points of any series; infinite if it can't be determined. */
function slowestInterval(series: readonly Series[]): number {
  const intervals = series.slice(0, SERIES_READ).flatMap((one) => newestInterval(one) ?? [])
  return intervals.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...intervals)
}

function newestInterval({ points }: Series): number | undefined {
  const { lastEndMicros } = points
  if (lastEndMicros === undefined) return undefined
  const ends: number[] = []
  points.visit(lastEndMicros - POINTS_READ * CLOUD_MIN_PERIOD_SECONDS * 1e6, lastEndMicros, (_start, end) =>
    ends.push(end),
  )
  const gaps = ends
    .slice(-POINTS_READ)
    .flatMap((end, index, kept) => (index === 0 ? [] : [end - (kept[index - 1] ?? end)]))
  return gaps.sort((a, b) => a - b)[Math.floor(gaps.length / 2)]
}
