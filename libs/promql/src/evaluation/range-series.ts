import type { FloatHistogram } from '../histogram/float-histogram.ts'
import type { Labels } from '../labels/labels.ts'
import type { SeriesSamples } from './series-source.ts'
import { FLOAT, HISTOGRAM, type StepSeries } from './step-series.ts'

/** Samples of one type (floats or histograms) in ascending order of time. */
export interface Points<T> {
  readonly times: readonly number[]
  readonly values: readonly T[]
  /** The start timestamps, if they are known. */
  readonly starts?: readonly number[]
}

/** The samples of a series without staleness markers, which ranges never contain. */
export interface RangeSeries {
  readonly labels: Labels
  readonly dropName: boolean
  readonly floats: Points<number>
  readonly histograms: Points<FloatHistogram>
}

/** The samples of a series by type. */
export function toRangeSeries(samples: SeriesSamples, withStarts: boolean): RangeSeries {
  const floats = new PointList<number>()
  const histograms = new PointList<FloatHistogram>()
  const { timestamps, values, stale, startTimestamps } = samples
  for (let i = 0; i < timestamps.length; i++) {
    if (stale !== undefined && stale[i] !== 0) continue
    const time = timestamps[i] ?? 0
    const start = startTimestamps?.[i] ?? 0
    const histogram = samples.histograms?.[i]
    if (histogram === undefined) floats.push(time, values[i] ?? Number.NaN, start)
    else histograms.push(time, histogram, start)
  }
  return {
    labels: samples.labels,
    dropName: false,
    floats: floats.points(withStarts),
    histograms: histograms.points(withStarts),
  }
}

class PointList<T> {
  readonly #times: number[] = []
  readonly #values: T[] = []
  readonly #starts: number[] = []

  push(time: number, value: T, start = 0): void {
    this.#times.push(time)
    this.#values.push(value)
    this.#starts.push(start)
  }

  points(withStarts: boolean): Points<T> {
    return { times: this.#times, values: this.#values, ...(withStarts && { starts: this.#starts }) }
  }
}

/**
 * The values of a subquery as samples of a range. Counter reset hints are dropped: there may have been samples between
 * two values, or the same sample may occur twice.
 */
export function fromSteps(series: StepSeries, startMs: number, stepMs: number): RangeSeries {
  const { floats, histograms } = pointsOf(series, startMs, stepMs)
  const values = histograms.values.map((one) => (one.hint === 'gauge' ? one : { ...one, hint: 'unknown' as const }))
  return { labels: series.labels, dropName: series.dropName, floats, histograms: { ...histograms, values } }
}

/** The values of a series with their times. */
export function pointsOf(
  series: StepSeries,
  startMs: number,
  stepMs: number,
): Pick<RangeSeries, 'floats' | 'histograms'> {
  const floats = new PointList<number>()
  const histograms = new PointList<FloatHistogram>()
  for (let step = 0; step < series.kinds.length; step++) {
    const kind = series.kinds[step]
    const time = startMs + step * stepMs
    if (kind === FLOAT) floats.push(time, series.floatAt(step))
    const histogram = kind === HISTOGRAM ? series.histogramAt(step) : undefined
    if (histogram !== undefined) histograms.push(time, histogram)
  }
  return { floats: floats.points(false), histograms: histograms.points(false) }
}
