import type { RawSamples } from '../gaps/raw-samples.ts'
import type { WatchedPart, WatchedSeries } from '../model/audit-trail.ts'
import { labelsKey } from '../model/labels/labels.ts'
import type { Comparison, Row } from './compare.ts'

/** The raw samples of watched series in Prometheus' response, and how points are compared with them. */
export function rowsOf(
  watched: WatchedSeries,
  answer: ReadonlyMap<string, RawSamples>,
): { readonly rows: readonly Row[]; readonly comparison: Comparison } {
  const { kind, isInteger, reportsStart } = watched
  if (kind === 'histogram') return histogramRows(watched, answer)
  const { timestampsMs = [], values = [] } = answer.get(labelsKey(watched.labels)) ?? {}
  return {
    rows: timestampsMs.map((timestampMs, index) => ({ timestampMs, values: [values[index] ?? Number.NaN] })),
    comparison: {
      cumulative: kind === 'counter',
      isInteger,
      reportsStart,
      valuesOf: (value) => [typeof value === 'number' ? value : Number.NaN],
    },
  }
}

/** For each time at which all parts have a sample: the cumulative count of each bucket, and the sum. */
function histogramRows(
  watched: WatchedSeries,
  answer: ReadonlyMap<string, RawSamples>,
): { readonly rows: readonly Row[]; readonly comparison: Comparison } {
  const parts = watched.parts()
  const finite = parts
    .filter(({ role, bound }) => role === 'bucket' && Number.isFinite(bound))
    .sort((a, b) => a.bound - b.bound)
  const last =
    parts.find(({ role, bound }) => role === 'bucket' && !Number.isFinite(bound)) ??
    parts.find(({ role }) => role === 'count')
  const sum = parts.find(({ role }) => role === 'sum')
  const columns = [...finite, last, sum].flatMap((part) => (part === undefined ? [] : [samplesOf(part, answer)]))
  const [first] = columns
  const rows =
    first === undefined || columns.length < finite.length + 2
      ? []
      : [...first.keys()]
          .sort((a, b) => a - b)
          .filter((timestampMs) => columns.every((column) => column.has(timestampMs)))
          .map((timestampMs) => ({
            timestampMs,
            values: columns.map((column) => column.get(timestampMs) ?? Number.NaN),
          }))
  return {
    rows,
    comparison: {
      cumulative: true,
      isInteger: false,
      reportsStart: watched.reportsStart,
      mayFall: 1,
      valuesOf(value) {
        if (typeof value === 'number') return columns.map(() => Number.NaN)
        let counted = 0
        const upTo = finite.map((_, index) => {
          counted += value.bucketCounts[index] ?? 0
          return counted
        })
        return [...upTo, value.count, value.mean * value.count]
      },
      contradicts: (increments) =>
        increments.slice(0, -1).some((increment, index) => increment < (increments[index - 1] ?? 0)),
    },
  }
}

function samplesOf(part: WatchedPart, answer: ReadonlyMap<string, RawSamples>): ReadonlyMap<number, number> {
  const { timestampsMs = [], values = [] } = answer.get(labelsKey(part.labels)) ?? {}
  return new Map(timestampsMs.map((timestampMs, index) => [timestampMs, values[index] ?? Number.NaN]))
}
