import { metricOf, type RangeWindow, rangeOfArgument } from '../evaluation/range-window.ts'
import { interpolate, interpolateHistograms } from '../evaluation/select-vector.ts'
import { addHistograms, subtractHistograms } from '../histogram/arithmetic.ts'
import { detectReset } from '../histogram/detect-reset.ts'
import { compact, divide, type FloatHistogram, hasCustomBuckets } from '../histogram/float-histogram.ts'
import { combineOrWarn } from './histograms/combine-histograms.ts'
import { type Counted, isStartReset, isStartResetAfter } from './start-timestamps.ts'

interface Kind {
  readonly isCounter: boolean
  readonly isRate: boolean
}

/** A value at a boundary of a range, and its start timestamp. */
interface Boundary extends Counted {
  readonly value: number
}

/**
 * `rate`, `increase` and `delta` with `anchored` or `smoothed`: they use the values at the exact boundaries of the
 * range.
 */
export function extendedRate(window: RangeWindow, kind: Kind): number | FloatHistogram | undefined {
  if (window.histograms.length > 0) return histogramRate(window, kind)
  if (window.floats.length === 0) return undefined
  const value = floatDifference(window, kind)
  return value === undefined || !kind.isRate ? value : value / window.seconds
}

/** The newest sample at or before the start (else the first one), and the last one needed for the end. */
function boundaryIndexes({
  floats,
  histograms,
  startMs,
  endMs,
  extension,
}: RangeWindow): [first: number, last: number] {
  const points = histograms.length > 0 ? histograms : floats
  const search = (limit: number, isBeyond: (time: number) => boolean) => {
    let i = 0
    while (i < limit && !isBeyond(points.time(i))) i += 1
    return i
  }
  const end = points.length - 1
  const first = Math.max(0, search(end, (time) => time > startMs) - 1)
  return [first, extension === 'smoothed' ? search(end, (time) => time >= endMs) : end]
}

function boundaryAt({ floats }: RangeWindow, i: number): Boundary {
  return { value: floats.value(i), time: floats.time(i), start: floats.start(i) }
}

function floatDifference(window: RangeWindow, { isCounter }: Kind): number | undefined {
  const { floats, startMs, endMs, extension, lookbackMs } = window
  let [first, last] = boundaryIndexes(window)
  if (floats.time(last) <= startMs) return undefined
  if (extension === 'smoothed' && floats.time(first) > endMs) {
    const sample = boundaryAt(window, first)
    const startedInLookback = isStartResetAfter(startMs - lookbackMs, sample)
    if (!isCounter || !startedInLookback || isStartResetAfter(endMs, sample)) return undefined
  }
  const left = leftBoundary(window, first, isCounter)
  const right = rightBoundary(window, last, isCounter)
  const difference = right.value - left.value
  if (!isCounter) return difference
  if (floats.time(first) <= startMs) first += 1
  if (floats.time(last) >= endMs) last -= 1
  return difference + correction(window, left, right, first, last)
}

function leftBoundary(window: RangeWindow, first: number, isCounter: boolean): Boundary {
  const { startMs, lookbackMs, extension } = window
  const sample = boundaryAt(window, first)
  const known = sample.start > startMs ? 0 : sample.start
  const at = (value: number, start = known) => ({ value, time: startMs, start })
  if (sample.time === startMs) return at(sample.value, sample.start)
  if (sample.time > startMs) {
    if (!isCounter || !isStartResetAfter(startMs - lookbackMs, sample)) return at(sample.value)
    if (isStartResetAfter(startMs, sample) || extension !== 'smoothed') return at(0)
    return at(counterBetween({ ...sample, time: sample.start, value: 0 }, sample, startMs, isCounter))
  }
  let from = sample
  let to = boundaryAt(window, first + 1)
  let start = known
  if (isCounter && isStartResetAfter(startMs, to)) to = { ...to, time: to.start, value: 0 }
  else if (isCounter && isStartReset(from, to)) {
    from = { ...from, time: to.start, value: 0 }
    start = to.start
  }
  return at(extension === 'smoothed' ? counterBetween(from, to, startMs, isCounter) : from.value, start)
}

function rightBoundary(window: RangeWindow, last: number, isCounter: boolean): Boundary {
  const { startMs, endMs, lookbackMs, extension } = window
  const sample = boundaryAt(window, last)
  const known = sample.start > endMs ? 0 : sample.start
  const at = (value: number, start = known) => ({ value, time: endMs, start })
  if (sample.time <= endMs) return at(sample.value)
  if (last === 0) {
    if (!isCounter || !isStartResetAfter(startMs - lookbackMs, sample)) return at(sample.value)
    if (isStartResetAfter(endMs, sample) || extension !== 'smoothed') return at(0)
    return at(counterBetween({ ...sample, time: sample.start, value: 0 }, sample, endMs, isCounter))
  }
  let from = boundaryAt(window, last - 1)
  let to = sample
  let start = known
  if (isCounter && isStartResetAfter(endMs, to)) {
    start = from.start
    to = { ...to, time: to.start, value: 0 }
  } else if (isCounter && isStartReset(from, to)) from = { ...from, time: to.start, value: 0 }
  return at(extension === 'smoothed' ? counterBetween(from, to, endMs, isCounter) : from.value, start)
}

function counterBetween(from: Boundary, to: Boundary, time: number, isCounter: boolean): number {
  const value = isCounter && to.value < from.value ? 0 : from.value
  return interpolate(from.time, value, to.time, to.value, time)
}

/** The counts before each reset between the boundaries. */
function correction(window: RangeWindow, left: Boundary, right: Boundary, first: number, last: number): number {
  let sum = 0
  let previous = left
  for (let i = first; i <= last + 1; i++) {
    const current = i > last ? right : boundaryAt(window, i)
    if (current.value < previous.value || isStartReset(previous, current)) sum += previous.value
    previous = current
  }
  return sum
}

/** The samples of a range with the values at its exact boundaries, as `anchored` and `smoothed` define them. */
export function extendedFloats(window: RangeWindow): { times: number[]; values: number[] } {
  const { floats, startMs, endMs } = window
  if (floats.length === 0) return { times: [], values: [] }
  let [first, last] = boundaryIndexes(window)
  if (floats.time(last) <= startMs) return { times: [], values: [] }
  const left = leftBoundary(window, first, false)
  const right = rightBoundary(window, last, false)
  if (floats.time(first) <= startMs) first += 1
  if (floats.time(last) >= endMs) last -= 1
  const inner = Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i)
  return {
    times: [startMs, ...inner.map((i) => floats.time(i)), endMs],
    values: [left.value, ...inner.map((i) => floats.value(i)), right.value],
  }
}

function histogramRate(window: RangeWindow, { isCounter, isRate }: Kind): FloatHistogram | undefined {
  const { histograms, startMs, endMs, extension, annotations } = window
  const range = rangeOfArgument(window)
  const metric = metricOf(window)
  const [first, last] = boundaryIndexes(window)
  if (histograms.time(last) <= startMs) return undefined
  if (extension === 'smoothed' && histograms.time(first) > endMs) return undefined
  if (!validRange(window, first, last, isCounter)) return undefined
  const left = histogramAtBoundary(window, first, first + 1, startMs, isCounter)
  const right = histogramAtBoundary(window, last - 1, last, endMs, isCounter)
  if (left === undefined || right === undefined) return undefined
  if (!isCounter && (left.hint !== 'gauge' || right.hint !== 'gauge')) annotations.notGaugeHistogram(metric, range)
  let result = combineOrWarn(window, 'subtraction', () => subtractHistograms(right, left))
  if (result !== undefined && isCounter) result = corrected(window, result, { left, right, first, last })
  if (result === undefined) return undefined
  return compact({ ...(isRate ? divide(result, window.seconds) : result), hint: 'gauge' })
}

function validRange(window: RangeWindow, first: number, last: number, isCounter: boolean): boolean {
  const { histograms, annotations } = window
  const isCustom = hasCustomBuckets(histograms.value(first))
  for (let i = first; i <= last; i++) {
    const histogram = histograms.value(i)
    if (hasCustomBuckets(histogram) !== isCustom) {
      annotations.mixedBucketSchemas(metricOf(window), rangeOfArgument(window))
      return false
    }
    if (isCounter && histogram.hint === 'gauge') {
      annotations.notCounterHistogram(metricOf(window), rangeOfArgument(window))
    }
  }
  return true
}

/** The histogram at a boundary: interpolated between two samples with `smoothed`, else that of the sample. */
function histogramAtBoundary(
  window: RangeWindow,
  before: number,
  after: number,
  time: number,
  isCounter: boolean,
): FloatHistogram | undefined {
  const { histograms, extension, annotations } = window
  const isLeft = time === window.startMs
  const own = isLeft ? before : after
  const isBeyond = isLeft ? histograms.time(own) < time : before >= 0 && histograms.time(own) > time
  if (extension !== 'smoothed' || !isBeyond) return histograms.value(own)
  const point = (i: number) => ({ time: histograms.time(i), value: histograms.value(i) })
  const range = rangeOfArgument(window)
  return interpolateHistograms(point(before), point(after), time, isCounter, annotations, metricOf(window), range)
}

interface Boundaries {
  readonly left: FloatHistogram
  readonly right: FloatHistogram
  readonly first: number
  readonly last: number
}

/** The difference plus the counts before each reset between the boundaries. */
function corrected(
  window: RangeWindow,
  difference: FloatHistogram,
  { left, right, first, last }: Boundaries,
): FloatHistogram | undefined {
  const { histograms, extension, startMs } = window
  let next = first + 1
  let previous = left
  const spansReset = () => detectReset(histograms.value(first + 1), histograms.value(first))
  if (extension === 'smoothed' && histograms.time(first) < startMs && spansReset()) {
    // The interpolation at the left boundary has already handled that reset.
    previous = histograms.value(first + 1)
    next += 1
  }
  if (next > last) return difference
  let sum: FloatHistogram | undefined
  for (let i = next; i <= last; i++) {
    const current = i === last ? right : histograms.value(i)
    if (detectReset(current, previous)) {
      const before = sum
      const added = previous
      sum = before === undefined ? added : combineOrWarn(window, 'addition', () => addHistograms(before, added))
      if (sum === undefined) return undefined
    }
    previous = current
  }
  const total = sum
  return total === undefined ? difference : combineOrWarn(window, 'addition', () => addHistograms(difference, total))
}
