import { formatValue } from '@node-to-cloud/browser-kit/format/value'
import type { Exemplar } from '../../../contract/charts.ts'
import { bucketPosition, type HeatmapData } from './heatmap-data.ts'

/** A cell of a heatmap: how many values in a range occurred in a period, and which of them have traces. */
export interface HeatmapCell {
  readonly startMs: number
  readonly endMs: number
  /** The range of its values, such as `250 ms – 500 ms`. */
  readonly range: string
  readonly count: number
  /** Largest first. */
  readonly exemplars: readonly Exemplar[]
}

/** The range of a bucket as text. */
export function bucketName({ edges }: HeatmapData, bucket: number, unit: string): string {
  const from = edges[bucket] ?? 0
  const to = edges[bucket + 1] ?? 0
  if (to === Number.POSITIVE_INFINITY) return `over ${formatValue(from, unit)}`
  if (from === Number.NEGATIVE_INFINITY) return `under ${formatValue(to, unit)}`
  return `${formatValue(from, unit)} – ${formatValue(to, unit)}`
}

/** The column whose period contains a time; a point's time is the end of its period. */
export function columnAt({ timesMs }: HeatmapData, timeMs: number, periodSeconds: number): number {
  return timesMs.findIndex((end) => timeMs <= end && timeMs > end - periodSeconds * 1000)
}

/** The cell at a time and a position on the axis of buckets; undefined between columns and outside. */
export function cellAt(
  data: HeatmapData,
  { timeMs, position, periodSeconds, unit }: { timeMs: number; position: number; periodSeconds: number; unit: string },
): HeatmapCell | undefined {
  const column = columnAt(data, timeMs, periodSeconds)
  const endMs = data.timesMs[column]
  const bucket = Math.floor(position)
  const count = data.counts[column]?.[bucket]
  if (endMs === undefined || count === undefined) return undefined
  const startMs = endMs - periodSeconds * 1000
  const isInside = ({ timeMs: at, value }: Exemplar): boolean =>
    at > startMs && at <= endMs && Math.floor(bucketPosition(value, data.edges) ?? -1) === bucket
  return {
    startMs,
    endMs,
    range: bucketName(data, bucket, unit),
    count,
    exemplars: data.exemplars.filter(isInside).sort((a, b) => b.value - a.value),
  }
}
