import type { Aggregation } from '../monitoring/aggregation/aggregation.ts'
import type { Series } from '../monitoring/store/series.ts'

/** Cloud Monitoring's least alignment period, and the periods below it that can be chosen. */
const GOOGLE_LEAST_SECONDS = 60
const FINER_SECONDS = [1, 2, 5, 10, 15, 20, 30]
/** So many of the newest points tell how often a series is written; so many series stand for all. */
const POINTS_READ = 12
const SERIES_READ = 20
/** Points come a little early at times. */
const TOLERANCE = 0.9
/** Aligners whose values grow with the period: a finer one would show other numbers than Cloud Monitoring. */
const GROWING = new Set(['ALIGN_DELTA', 'ALIGN_SUM', 'ALIGN_COUNT', 'ALIGN_COUNT_TRUE', 'ALIGN_COUNT_FALSE'])

/**
 * An aggregation as fine as the data: with the period that the selected series are written in, if it asks for Cloud
 * Monitoring's least period and its values are the same in shorter ones.
 */
export function asFineAsData(
  aggregation: Aggregation,
  {
    series,
    isDistribution,
    leastMicros,
  }: { readonly series: readonly Series[]; readonly isDistribution: boolean; readonly leastMicros: number },
): Aggregation {
  const { periodMicros, aligner } = aggregation
  if (periodMicros !== GOOGLE_LEAST_SECONDS * 1e6) return aggregation
  if (GROWING.has(aligner) && !isDistribution) return aggregation
  const wanted = Math.max(slowestInterval(series), leastMicros) * TOLERANCE
  const seconds = FINER_SECONDS.find((one) => one * 1e6 >= wanted)
  return seconds === undefined ? aggregation : { ...aggregation, periodMicros: seconds * 1e6 }
}

/** The median distance of the newest points, of the series where it is longest; infinite if no series tells. */
function slowestInterval(series: readonly Series[]): number {
  const intervals = series.slice(0, SERIES_READ).flatMap((one) => newestInterval(one) ?? [])
  return intervals.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...intervals)
}

function newestInterval({ points }: Series): number | undefined {
  const { lastEndMicros } = points
  if (lastEndMicros === undefined) return undefined
  const ends: number[] = []
  points.visit(lastEndMicros - POINTS_READ * GOOGLE_LEAST_SECONDS * 1e6, lastEndMicros, (_start, end) => ends.push(end))
  const gaps = ends
    .slice(-POINTS_READ)
    .flatMap((end, index, kept) => (index === 0 ? [] : [end - (kept[index - 1] ?? end)]))
  return gaps.sort((a, b) => a - b)[Math.floor(gaps.length / 2)]
}
