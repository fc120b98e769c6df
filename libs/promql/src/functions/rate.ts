import {
  metricOf,
  type PointWindow,
  type RangeFunction,
  type RangeWindow,
  rangeOfArgument,
} from '../evaluation/range-window.ts'
import { addHistograms, subtractHistograms, toSchema } from '../histogram/arithmetic.ts'
import { detectReset } from '../histogram/detect-reset.ts'
import {
  compact,
  divide,
  type FloatHistogram,
  floatHistogram,
  hasCustomBuckets,
  multiply,
} from '../histogram/float-histogram.ts'
import { extendedRate } from './extended-rate.ts'
import { combineOrWarn, warnAboutMixedSchemas } from './histograms/combine-histograms.ts'
import { type Counted, isStartReset, startsOverlap } from './start-timestamps.ts'

/** Whether values only decrease at resets, and whether the result is per second. */
export interface RateKind {
  readonly isCounter: boolean
  readonly isRate: boolean
}

export const rate: RangeFunction = (window) => anyRate(window, { isCounter: true, isRate: true })
export const increase: RangeFunction = (window) => anyRate(window, { isCounter: true, isRate: false })
export const delta: RangeFunction = (window) => anyRate(window, { isCounter: false, isRate: false })

function anyRate(window: RangeWindow, kind: RateKind): number | FloatHistogram | undefined {
  const { floats, histograms } = window
  if (floats.length > 0 && histograms.length > 0) {
    window.annotations.mixedFloatsAndHistograms(metricOf(window), rangeOfArgument(window))
    return undefined
  }
  if (window.extension !== undefined) return extendedRate(window, kind)
  return histograms.length > 0 ? histogramRate(window, kind) : floatRate(window, kind)
}

function counted({ floats }: RangeWindow, i: number): Counted {
  return { time: floats.time(i), start: floats.start(i) }
}

function floatRate(window: RangeWindow, kind: RateKind): number | undefined {
  const { floats } = window
  const last = floats.length - 1
  if (last < 0) return undefined
  const first = floats.value(0)
  let result = floats.value(last) - first
  if (kind.isCounter) result += floatCorrection(window)
  const span = extrapolation(window, floats, kind, { first, increase: result })
  if (span === undefined) return undefined
  return (span.fromStart ? result + first : result) * span.factor
}

/** The counts before each reset. */
function floatCorrection(window: RangeWindow): number {
  const { floats } = window
  const hasStarts = floats.starts !== undefined
  let correction = 0
  let overlaps = false
  for (let i = 1; i < floats.length; i++) {
    const previous = floats.value(i - 1)
    if (!hasStarts) {
      if (floats.value(i) < previous) correction += previous
      continue
    }
    const before = counted(window, i - 1)
    const current = counted(window, i)
    overlaps ||= startsOverlap(before, current)
    if (floats.value(i) < previous || isStartReset(before, current)) correction += previous
  }
  if (overlaps) window.annotations.startTimeOverlap(metricOf(window), rangeOfArgument(window))
  return correction
}

/** The first value and the increase, which show when the counter was zero; undefined if that is not known. */
interface Slope {
  readonly first: number
  readonly increase: number
}

/**
 * The factor that extrapolates from the first and last sample to the whole range: up to the range's boundary if the
 * samples end near it, else by half the average interval between samples. A counter is not extrapolated below zero.
 * Undefined if there is only one sample and it has no start timestamp.
 */
function extrapolation(
  window: RangeWindow,
  points: PointWindow<unknown>,
  { isCounter, isRate }: RateKind,
  slope: Slope | undefined,
): { factor: number; fromStart: boolean } | undefined {
  const last = points.length - 1
  const firstTime = points.time(0)
  const start = points.start(0)
  const fromStart = isCounter && start !== 0 && start > window.startMs && start < firstTime
  if (!fromStart && last === 0) return undefined
  const average = last > 0 ? (points.time(last) - firstTime) / 1000 / last : 0
  const sampled = (points.time(last) - (fromStart ? start : firstTime)) / 1000
  const threshold = average * 1.1
  let toStart = fromStart ? 0 : (firstTime - window.startMs) / 1000
  if (!fromStart && toStart >= threshold) toStart = average / 2
  if (!fromStart && isCounter && slope !== undefined && slope.increase > 0 && slope.first >= 0) {
    const toZero = sampled * (slope.first / slope.increase)
    if (toZero < toStart) toStart = toZero
  }
  let toEnd = (window.endMs - points.time(last)) / 1000
  if (toEnd >= threshold) toEnd = average / 2
  const factor = sampled === 0 ? 1 : (sampled + toStart + toEnd) / sampled
  return { factor: isRate ? factor / window.seconds : factor, fromStart }
}

function histogramRate(window: RangeWindow, kind: RateKind): FloatHistogram | undefined {
  const { histograms } = window
  const first = histograms.value(0)
  const between = histograms.length > 1 ? histogramIncrease(window, kind.isCounter) : undefined
  if (histograms.length > 1 && between === undefined) return undefined
  const slope = between && { first: first.count, increase: between.count }
  const span = extrapolation(window, histograms, kind, slope)
  if (span === undefined) return undefined
  const whole =
    span.fromStart && between !== undefined
      ? combineOrWarn(window, 'addition', () => addHistograms(between, first))
      : between
  const result = whole ?? (between === undefined ? first : undefined)
  return result && multiply(result, span.factor)
}

/** The difference of the last and the first histogram, plus the counts before each reset. */
function histogramIncrease(window: RangeWindow, isCounter: boolean): FloatHistogram | undefined {
  const { histograms, annotations } = window
  const range = rangeOfArgument(window)
  const end = histograms.length - 1
  const last = histograms.value(end)
  const first = isCounter ? firstOfCounter(window) : histograms.value(0)
  if (isCounter) warnAboutGauges(window)
  if (hasCustomBuckets(last) !== hasCustomBuckets(first)) return warnAboutMixedSchemas(window)
  let schema = Math.min(last.schema, first.schema)
  for (let i = 1; isCounter && i < end; i++) {
    const histogram = histograms.value(i)
    if (hasCustomBuckets(histogram) !== hasCustomBuckets(first)) return warnAboutMixedSchemas(window)
    schema = Math.min(schema, histogram.schema)
  }
  let result = combineOrWarn(window, 'subtraction', () => subtractHistograms(toSchema(last, schema), first))
  if (result === undefined) return undefined
  if (isCounter) result = withCorrections(window, first, result)
  else if (histograms.value(0).hint !== 'gauge' || last.hint !== 'gauge') {
    annotations.notGaugeHistogram(metricOf(window), range)
  }
  return result && compact({ ...result, hint: 'gauge' })
}

/** If a reset follows the first histogram, it is ignored, including its bucket layout. */
function firstOfCounter({ histograms }: RangeWindow): FloatHistogram {
  const first = histograms.value(0)
  const second = histograms.value(1)
  if (!isReset(histograms, 1, first)) return first
  return floatHistogram({ schema: second.schema, customValues: second.customValues })
}

function isReset(histograms: PointWindow<FloatHistogram>, i: number, previous: FloatHistogram): boolean {
  const before = { time: histograms.time(i - 1), start: histograms.start(i - 1) }
  const current = { time: histograms.time(i), start: histograms.start(i) }
  return isStartReset(before, current) || detectReset(histograms.value(i), previous)
}

function warnAboutGauges(window: RangeWindow): void {
  const { histograms, annotations } = window
  for (let i = 0; i < histograms.length; i++) {
    if (histograms.value(i).hint !== 'gauge') continue
    annotations.notCounterHistogram(metricOf(window), rangeOfArgument(window))
    return
  }
}

function withCorrections(
  window: RangeWindow,
  first: FloatHistogram,
  difference: FloatHistogram,
): FloatHistogram | undefined {
  const { histograms } = window
  let result: FloatHistogram | undefined = difference
  let previous = first
  let overlaps = false
  for (let i = 1; i < histograms.length && result !== undefined; i++) {
    const before = { time: histograms.time(i - 1), start: histograms.start(i - 1) }
    overlaps ||= startsOverlap(before, { time: histograms.time(i), start: histograms.start(i) })
    if (isReset(histograms, i, previous)) {
      const sum: FloatHistogram = result
      const added = previous
      result = combineOrWarn(window, 'addition', () => addHistograms(sum, added))
    }
    previous = histograms.value(i)
  }
  if (overlaps) window.annotations.startTimeOverlap(metricOf(window), rangeOfArgument(window))
  return result
}

export const irate: RangeFunction = (window) => instantValue(window, true)
export const idelta: RangeFunction = (window) => instantValue(window, false)

/** The difference between the last two samples. */
function instantValue(window: RangeWindow, isRate: boolean): number | FloatHistogram | undefined {
  const [first, second] = lastTwo(window)
  if (first === undefined || second === undefined) return undefined
  const seconds = (second.time - first.time) / 1000
  if (seconds === 0) return undefined
  if (typeof first.value === 'number' && typeof second.value === 'number') {
    const isNew = isRate && (second.value < first.value || isStartReset(first, second))
    const difference = isNew ? second.value : second.value - first.value
    return isRate ? difference / seconds : difference
  }
  if (typeof first.value === 'number' || typeof second.value === 'number') {
    window.annotations.mixedFloatsAndHistograms(metricOf(window), rangeOfArgument(window))
    return undefined
  }
  const isNew = isRate && (isStartReset(first, second) || detectReset(second.value, first.value))
  return histogramDifference(window, first.value, second.value, isNew, isRate ? seconds : undefined)
}

function histogramDifference(
  window: RangeWindow,
  first: FloatHistogram,
  second: FloatHistogram,
  isNew: boolean,
  seconds: number | undefined,
): FloatHistogram | undefined {
  const range = rangeOfArgument(window)
  const isGauge = first.hint === 'gauge' && second.hint === 'gauge'
  const hasGauge = first.hint === 'gauge' || second.hint === 'gauge'
  if (seconds !== undefined && hasGauge) window.annotations.notCounterHistogram(metricOf(window), range)
  if (seconds === undefined && !isGauge) window.annotations.notGaugeHistogram(metricOf(window), range)
  const difference = isNew ? second : combineOrWarn(window, 'subtraction', () => subtractHistograms(second, first))
  if (difference === undefined) return undefined
  const result = compact({ ...difference, hint: 'gauge' })
  return seconds === undefined ? result : divide(result, seconds)
}

interface CountedValue extends Counted {
  readonly value: number | FloatHistogram
}

function lastTwo({ floats, histograms }: RangeWindow): CountedValue[] {
  const tail = (points: PointWindow<number | FloatHistogram>): CountedValue[] => {
    const indexes = [points.length - 2, points.length - 1].filter((i) => i >= 0)
    return indexes.map((i) => ({ time: points.time(i), start: points.start(i), value: points.value(i) }))
  }
  return [...tail(floats), ...tail(histograms)].sort((a, b) => a.time - b.time).slice(-2)
}
