import type { Exemplar, QuerySeries } from '../../../contract/charts.ts'

/** Counts by time and bucket. Bucket `i` contains values from `edges[i]` up to `edges[i + 1]`. */
export interface HeatmapData {
  readonly timesMs: readonly number[]
  /** One more than there are buckets; the outer ones may be infinite. */
  readonly edges: readonly number[]
  /** `counts[column][bucket]`. */
  readonly counts: readonly (readonly number[])[]
  readonly largest: number
  readonly exemplars: readonly Exemplar[]
  readonly partialAfterMs?: number
}

const EMPTY: HeatmapData = { timesMs: [], edges: [], counts: [], largest: 0, exemplars: [] }

/**
 * Sums up the distributions of all series with the first one's buckets, without the empty buckets at either end. One
 * empty bucket is kept on each side, so that changes are visible.
 */
export function toHeatmap(series: readonly QuerySeries[]): HeatmapData {
  const first = series.find((one) => one.bounds !== undefined && (one.distributions?.length ?? 0) > 0)
  const bounds = first?.bounds
  if (!first || !bounds) return EMPTY
  const alike = series.filter(
    (one) => one.bounds?.length === bounds.length && one.bounds.every((bound, index) => bound === bounds[index]),
  )

  const columns = new Map<number, number[]>()
  for (const one of alike) {
    one.timesMs.forEach((time, index) => {
      const distribution = one.distributions?.[index]
      if (!distribution) return
      const column = columns.get(time) ?? new Array<number>(bounds.length + 1).fill(0)
      distribution.counts.forEach((count, bucket) => {
        if (bucket < column.length) column[bucket] = (column[bucket] ?? 0) + count
      })
      columns.set(time, column)
    })
  }
  const timesMs = [...columns.keys()].sort((a, b) => a - b)
  const rows = timesMs.map((time) => columns.get(time) ?? [])

  let low = Number.POSITIVE_INFINITY
  let high = -1
  let largest = 0
  for (const column of rows) {
    column.forEach((count, bucket) => {
      if (count <= 0) return
      low = Math.min(low, bucket)
      high = Math.max(high, bucket)
      largest = Math.max(largest, count)
    })
  }
  if (high < 0) {
    low = 0
    high = bounds.length
  } else {
    low = Math.max(0, low - 1)
    high = Math.min(bounds.length, high + 1)
  }

  const allEdges = [Number.NEGATIVE_INFINITY, ...bounds, Number.POSITIVE_INFINITY]
  // Measurements are rarely negative, so the lowest bucket starts at 0 unless its bound is negative.
  if ((bounds[0] ?? 0) > 0) allEdges[0] = 0
  const partials = alike
    .map((one) => (one.partialFrom === undefined ? undefined : one.timesMs[one.partialFrom - 1]))
    .filter((time) => time !== undefined)
  return {
    timesMs,
    edges: allEdges.slice(low, high + 2),
    counts: rows.map((column) => column.slice(low, high + 1)),
    largest,
    exemplars: alike.flatMap((one) => one.exemplars ?? []),
    ...(partials.length === 0 ? {} : { partialAfterMs: Math.max(...partials) }),
  }
}

/** The position of a value on an axis where every bucket is 1 high: 1.5 is the middle of the second bucket. */
export function bucketPosition(value: number, edges: readonly number[]): number | undefined {
  for (let bucket = 0; bucket + 1 < edges.length; bucket++) {
    const from = edges[bucket] ?? 0
    const to = edges[bucket + 1] ?? 0
    if (value < from || (value >= to && bucket + 2 < edges.length) || value > to) continue
    if (!Number.isFinite(from) || !Number.isFinite(to)) return bucket + 0.5
    return bucket + (value - from) / (to - from)
  }
  return undefined
}

/**
 * The intensity of a count's colour, 0 to 1. It is logarithmic, so that a few slow requests are visible beside
 * thousands of fast ones.
 */
export function intensity(count: number, largest: number): number {
  if (count <= 0 || largest <= 0) return 0
  return largest <= 1 ? 1 : 0.15 + 0.85 * (Math.log(Math.max(1, count)) / Math.log(largest))
}
