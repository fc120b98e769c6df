import {
  metricOf,
  type PointWindow,
  type RangeFunction,
  type RangeWindow,
  rangeOfArgument,
} from '../evaluation/range-window.ts'
import { IncompatibleHistogramsError } from '../histogram/arithmetic.ts'
import { HistogramMean } from '../histogram/average.ts'
import { detectReset } from '../histogram/detect-reset.ts'
import { equalHistograms, type FloatHistogram } from '../histogram/float-histogram.ts'
import { KahanSum } from '../text/kahan.ts'
import { isStartReset } from './start-timestamps.ts'

/** A function that uses only the floats in a range; an annotation says if histograms were ignored. */
export function fromFloats(compute: (floats: PointWindow<number>, window: RangeWindow) => number): RangeFunction {
  return (window) => {
    if (window.floats.length === 0) return undefined
    addIgnoredHistogramsInfo(window)
    return compute(window.floats, window)
  }
}

export function addIgnoredHistogramsInfo(window: RangeWindow): void {
  if (window.histograms.length === 0) return
  window.annotations.histogramIgnoredInRange(metricOf(window), rangeOfArgument(window))
}

export const countOverTime: RangeFunction = ({ floats, histograms }) => floats.length + histograms.length
export const presentOverTime: RangeFunction = () => 1

export const sumOverTime: RangeFunction = (window) => sumOrMean(window, false)
export const avgOverTime: RangeFunction = (window) => sumOrMean(window, true)

function sumOrMean(window: RangeWindow, wantsMean: boolean): number | FloatHistogram | undefined {
  const { floats, histograms, annotations } = window
  if (floats.length > 0 && histograms.length > 0) {
    annotations.mixedFloatsAndHistograms(metricOf(window), rangeOfArgument(window))
    return undefined
  }
  if (histograms.length > 0) return histogramSumOrMean(window, wantsMean)
  return wantsMean ? meanOf(floats) : sumOf(floats)
}

function sumOf(floats: PointWindow<number>): number {
  const sum = new KahanSum()
  for (let i = floats.from; i < floats.to; i++) sum.add(floats.values[i] ?? Number.NaN)
  return Math.abs(sum.sum) === Number.POSITIVE_INFINITY ? sum.sum : sum.total
}

function meanOf(floats: PointWindow<number>): number {
  let sum = new KahanSum(floats.value(0))
  let isIncremental = false
  for (let i = 1; i < floats.length; i++) {
    const value = floats.value(i)
    const count = i + 1
    if (!isIncremental) {
      const next = new KahanSum(sum.sum, sum.compensation).add(value)
      if (Math.abs(next.sum) !== Number.POSITIVE_INFINITY) {
        sum = next
        continue
      }
      isIncremental = true
      sum = new KahanSum(sum.sum / (count - 1), sum.compensation / (count - 1))
    }
    const share = (count - 1) / count
    sum = new KahanSum(share * sum.sum, share * sum.compensation).add(value / count)
  }
  if (isIncremental) return sum.total
  return sum.sum / floats.length + sum.compensation / floats.length
}

function histogramSumOrMean(window: RangeWindow, wantsMean: boolean): FloatHistogram | undefined {
  const { histograms, annotations } = window
  const range = rangeOfArgument(window)
  const sum = new HistogramMean(histograms.value(0), wantsMean)
  try {
    for (let i = 1; i < histograms.length; i++) sum.add(histograms.value(i))
  } catch (error) {
    if (!(error instanceof IncompatibleHistogramsError)) throw error
    annotations.mixedBucketSchemas(metricOf(window), range)
    return undefined
  }
  if (sum.problems.resetCollision) annotations.resetCollision('aggregation', range)
  if (sum.problems.boundsReconciled) annotations.boundsReconciled('aggregation', range)
  return sum.result()
}

/** The smallest or largest float, or its time. */
function extreme(wins: (candidate: number, best: number) => boolean, wantsTime: boolean): RangeFunction {
  return fromFloats((floats) => {
    let best = floats.value(0)
    let time = floats.time(0)
    for (let i = 0; i < floats.length; i++) {
      const candidate = floats.value(i)
      if (!wins(candidate, best) && !Number.isNaN(best)) continue
      best = candidate
      time = floats.time(i)
    }
    return wantsTime ? time / 1000 : best
  })
}

export const maxOverTime = extreme((candidate, best) => candidate > best, false)
export const minOverTime = extreme((candidate, best) => candidate < best, false)
export const tsOfMaxOverTime = extreme((candidate, best) => candidate >= best, true)
export const tsOfMinOverTime = extreme((candidate, best) => candidate <= best, true)

export const firstOverTime: RangeFunction = ({ floats, histograms }) => {
  if (histograms.length === 0) return floats.value(0)
  return floats.length > 0 && floats.time(0) < histograms.time(0) ? floats.value(0) : histograms.value(0)
}

export const lastOverTime: RangeFunction = ({ floats, histograms }) => {
  const float = floats.length - 1
  const histogram = histograms.length - 1
  if (histogram < 0) return floats.value(float)
  const isFloat = float >= 0 && histograms.time(histogram) < floats.time(float)
  return isFloat ? floats.value(float) : histograms.value(histogram)
}

export const tsOfFirstOverTime: RangeFunction = ({ floats, histograms }) => {
  const times = [floats, histograms].filter((points) => points.length > 0).map((points) => points.time(0))
  return Math.min(...times) / 1000
}

export const tsOfLastOverTime: RangeFunction = ({ floats, histograms }) => {
  const filled = [floats, histograms].filter((points) => points.length > 0)
  return Math.max(...filled.map((points) => points.time(points.length - 1))) / 1000
}

function variance(floats: PointWindow<number>): number {
  const mean = new KahanSum()
  const squares = new KahanSum()
  for (let i = 0; i < floats.length; i++) {
    const value = floats.value(i)
    const difference = value - mean.total
    mean.add(difference / (i + 1))
    squares.add(difference * (value - mean.total))
  }
  return squares.total / floats.length
}

export const stdvarOverTime = fromFloats(variance)
export const stddevOverTime = fromFloats((floats) => Math.sqrt(variance(floats)))

/** A float or histogram sample. */
interface Sample {
  readonly time: number
  readonly start: number
  readonly value: number | FloatHistogram
}

/**
 * Float and histogram samples in order of time; with `anchored`, starting with the newest one at or before the start of
 * the range.
 */
function* samplesOf({ floats, histograms, extension, startMs }: RangeWindow): Generator<Sample> {
  let anchor: Sample | undefined
  for (let i = 0, j = 0; i < floats.length || j < histograms.length; ) {
    const isFloat = j >= histograms.length || (i < floats.length && floats.time(i) < histograms.time(j))
    const points: PointWindow<number | FloatHistogram> = isFloat ? floats : histograms
    const at = isFloat ? i++ : j++
    const sample = { time: points.time(at), start: points.start(at), value: points.value(at) }
    if (extension === 'anchored' && sample.time <= startMs) anchor = sample
    else {
      if (anchor !== undefined) yield anchor
      anchor = undefined
      yield sample
    }
  }
}

/**
 * Counts the pairs of successive samples that satisfy a condition. Undefined without a sample after the start of the
 * range.
 */
function countPairs(happens: (previous: Sample, current: Sample) => boolean): RangeFunction {
  return (window) => {
    let count = 0
    let previous: Sample | undefined
    for (const current of samplesOf(window)) {
      if (previous !== undefined && happens(previous, current)) count += 1
      previous = current
    }
    return previous === undefined ? undefined : count
  }
}

export const changes = countPairs(({ value: previous }, { value: current }) => {
  if (typeof previous === 'number' && typeof current === 'number') {
    return current !== previous && !(Number.isNaN(current) && Number.isNaN(previous))
  }
  if (typeof previous === 'number' || typeof current === 'number') return true
  return !equalHistograms(current, previous)
})

export const resets = countPairs((previous, current) => {
  if (typeof previous.value === 'number' && typeof current.value === 'number') {
    return current.value < previous.value || isStartReset(previous, current)
  }
  if (typeof previous.value === 'number' || typeof current.value === 'number') return true
  return isStartReset(previous, current) || detectReset(current.value, previous.value)
})
