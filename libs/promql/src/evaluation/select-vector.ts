import { addHistograms, IncompatibleHistogramsError, subtractHistograms } from '../histogram/arithmetic.ts'
import { detectReset } from '../histogram/detect-reset.ts'
import { type FloatHistogram, hasCustomBuckets, multiply, sizeInSamples } from '../histogram/float-histogram.ts'
import { METRIC_NAME } from '../labels/labels.ts'
import type { TimeShift, VectorSelector } from '../parse/ast.ts'
import type { Range } from '../text/position.ts'
import type { Annotations } from './annotations.ts'
import type { Evaluation } from './evaluation.ts'
import { type Points, toRangeSeries } from './range-series.ts'
import type { SeriesSamples } from './series-source.ts'
import { emptySamples, StepSeries } from './step-series.ts'
import { shiftedTime } from './time-shift.ts'

/** The samples that an instant vector selector may read. */
export function selectSamples(evaluation: Evaluation, selector: VectorSelector): Iterable<SeriesSamples> {
  const { lookbackMs } = evaluation.options
  const ahead = selector.extension === 'smoothed' ? lookbackMs : 0
  return evaluation.samples(selector, {
    startMs: shiftedTime(evaluation.startMs, selector) - lookbackMs + 1,
    endMs: shiftedTime(evaluation.endMs, selector) + ahead,
  })
}

/** Evaluates an instant vector selector. */
export function selectVector(evaluation: Evaluation, selector: VectorSelector): StepSeries[] {
  const found = selectSamples(evaluation, selector)
  const read = selector.extension === 'smoothed' ? smoothedSeries : presentSeries
  const result: StepSeries[] = []
  for (const samples of found) {
    evaluation.budget.checkTime()
    const series = read(evaluation, selector, samples)
    if (!series.isEmpty) result.push(series)
  }
  return result
}

/**
 * Calls back for each step with the index of the newest sample within the lookback delta, unless the series has become
 * stale.
 */
export function forEachPresent(
  evaluation: Evaluation,
  shift: TimeShift,
  { timestamps, stale }: SeriesSamples,
  found: (step: number, index: number) => void,
): void {
  const { startMs, stepMs, steps, options } = evaluation
  let next = 0
  for (let step = 0; step < steps; step++) {
    const time = shiftedTime(startMs + step * stepMs, shift)
    while (next < timestamps.length && (timestamps[next] ?? 0) <= time) next += 1
    const index = next - 1
    if (index < 0 || (timestamps[index] ?? 0) <= time - options.lookbackMs) continue
    if (stale !== undefined && stale[index] !== 0) continue
    found(step, index)
  }
}

function presentSeries(evaluation: Evaluation, selector: VectorSelector, samples: SeriesSamples): StepSeries {
  const series = new StepSeries(samples.labels, evaluation.steps)
  const { histograms, values } = samples
  const { budget, counts } = evaluation
  let loaded = 0
  forEachPresent(evaluation, selector, samples, (step, index) => {
    const histogram = histograms?.[index]
    const size = histogram === undefined ? 1 : sizeInSamples(histogram)
    loaded += size
    budget.load(size)
    counts.read(step, size)
    if (histogram === undefined) series.setFloat(step, values[index] ?? Number.NaN)
    else series.setHistogram(step, histogram)
  })
  if (loaded > 0) budget.load(Math.max(0, emptySamples(evaluation.steps) - loaded))
  return series
}

/** `smoothed`: interpolates linearly between two samples. */
function smoothedSeries(evaluation: Evaluation, selector: VectorSelector, samples: SeriesSamples): StepSeries {
  const { floats, histograms } = toRangeSeries(samples, false)
  const series = new StepSeries(samples.labels, evaluation.steps)
  const { lookbackMs } = evaluation.options
  for (let step = 0; step < evaluation.steps; step++) {
    const time = shiftedTime(evaluation.startMs + step * evaluation.stepMs, selector)
    const hasFloats = neighbours(floats, time, lookbackMs)
    const hasHistograms = neighbours(histograms, time, lookbackMs)
    if (hasFloats !== undefined && hasHistograms !== undefined) {
      evaluation.annotations.mixedFloatsAndHistograms(samples.labels.get(METRIC_NAME), selector.range)
    } else if (hasFloats?.previous !== undefined) {
      series.setFloat(step, between(hasFloats, time))
    } else if (hasHistograms?.previous !== undefined) {
      const metric = samples.labels.get(METRIC_NAME)
      const value = histogramBetween(hasHistograms, time, evaluation.annotations, metric, selector.range)
      if (value !== undefined) series.setHistogram(step, value)
    }
  }
  evaluation.budget.load(series.samples)
  return series
}

interface Point<T> {
  readonly time: number
  readonly value: T
}

interface Neighbours<T> {
  /** The point at or before the time. */
  readonly previous?: Point<T>
  /** The point at or after the time. */
  readonly next?: Point<T>
}

/** The points around a time; undefined if none are near enough. */
function neighbours<T>({ times, values }: Points<T>, time: number, lookbackMs: number): Neighbours<T> | undefined {
  const from = firstAfter(times, time - lookbackMs)
  const to = firstAfter(times, time + lookbackMs)
  if (from >= to) return undefined
  const at = firstAfter(times, time - 1)
  const point = (i: number): Point<T> | undefined => {
    const value = values[i]
    const found = times[i]
    return i >= from && i < to && value !== undefined && found !== undefined ? { time: found, value } : undefined
  }
  const next = point(at)
  const previous = next?.time === time ? next : point(at - 1)
  return { ...(previous && { previous }), ...(next && { next }) }
}

/** The index of the first time after another. */
export function firstAfter(times: readonly number[], time: number): number {
  let low = 0
  let high = times.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((times[middle] ?? 0) > time) high = middle
    else low = middle + 1
  }
  return low
}

function between({ previous, next }: Neighbours<number>, time: number): number {
  if (previous === undefined) return Number.NaN
  if (next === undefined || next.time === previous.time) return previous.value
  return interpolate(previous.time, previous.value, next.time, next.value, time)
}

/** The value at a time on the line through two points. */
export function interpolate(time1: number, value1: number, time2: number, value2: number, time: number): number {
  return value1 + ((value2 - value1) * (time - time1)) / (time2 - time1)
}

function histogramBetween(
  { previous, next }: Neighbours<FloatHistogram>,
  time: number,
  annotations: Annotations,
  metric: string,
  range: Range,
): FloatHistogram | undefined {
  if (previous === undefined) return undefined
  if (next === undefined) return { ...previous.value, hint: 'unknown' }
  if (next.time === time) return next.value
  if (hasCustomBuckets(previous.value) !== hasCustomBuckets(next.value)) {
    annotations.mixedBucketSchemas(metric, range)
    return undefined
  }
  const isCounter = previous.value.hint !== 'gauge' || next.value.hint !== 'gauge'
  return interpolateHistograms(previous, next, time, isCounter, annotations, metric, range)
}

/**
 * The histogram at a time, interpolated between two others. After a counter reset it starts from zero. Undefined, with
 * a warning, if the two can't be combined.
 */
export function interpolateHistograms(
  first: Point<FloatHistogram>,
  second: Point<FloatHistogram>,
  time: number,
  isCounter: boolean,
  annotations: Annotations,
  metric: string,
  range: Range,
): FloatHistogram | undefined {
  if (time === first.time) return first.value
  if (time === second.time) return second.value
  const fraction = (time - first.time) / (second.time - first.time)
  if (isCounter && detectReset(second.value, first.value)) return multiply(second.value, fraction)
  try {
    const difference = subtractHistograms(second.value, first.value)
    if (difference.boundsReconciled) annotations.boundsReconciled('subtraction', range)
    const sum = addHistograms(multiply(difference.histogram, fraction), first.value)
    if (sum.boundsReconciled) annotations.boundsReconciled('addition', range)
    return sum.histogram
  } catch (error) {
    if (!(error instanceof IncompatibleHistogramsError)) throw error
    annotations.mixedBucketSchemas(metric, range)
    return undefined
  }
}
