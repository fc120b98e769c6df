import type { SelectSeries, SeriesSamples } from '../src/evaluation/series-source.ts'
import type { FloatHistogram } from '../src/histogram/float-histogram.ts'
import { Labels, METRIC_NAME } from '../src/labels/labels.ts'
import { matchesAll } from '../src/labels/matcher.ts'
import { parseSelector } from '../src/parse/parse.ts'

/** A value for each step: a number, a histogram, `_` for none, or the end of the series. */
export type StoredValue = number | FloatHistogram | '_' | 'stale'

export interface StoredOptions {
  readonly stepMs?: number
  /** The start timestamp of each sample. */
  readonly startMs?: readonly number[]
}

/** A series named by a selector, with values from time 0 on; by default one per minute. */
export function storedSeries(
  name: string,
  values: readonly StoredValue[],
  { stepMs = 60_000, startMs }: StoredOptions = {},
): SeriesSamples {
  const { matchers } = parseSelector(name)
  const labels = Labels.from(matchers.map((matcher) => [matcher.name, matcher.value] as const))
  const at = [...values.keys()].filter((i) => values[i] !== '_')
  const picked = at.map((i) => values[i])
  return {
    labels,
    timestamps: at.map((i) => i * stepMs),
    values: picked.map((value) => (typeof value === 'number' ? value : Number.NaN)),
    histograms: picked.map((value) => (typeof value === 'object' ? value : undefined)),
    stale: picked.map((value) => (value === 'stale' ? 1 : 0)),
    ...(startMs && { startTimestamps: at.map((i) => startMs[i] ?? 0) }),
  }
}

/** `count` values from `first` on, each larger than the one before by `increment`. */
export function growing(first: number, increment: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => first + i * increment)
}

/** A store of these series. */
export function selectFrom(...series: readonly SeriesSamples[]): SelectSeries {
  return (matchers) => series.filter(({ labels }) => matchesAll(matchers, labels))
}

/** Labels with the metric name before the braces. */
export function printSeriesName(labels: Labels): string {
  const rest = labels.without(new Set([METRIC_NAME]))
  return `${labels.get(METRIC_NAME)}${rest.size === 0 && labels.size > 0 ? '' : rest}`
}
