import { QueryError } from '../evaluation/query-error.ts'
import { type PointWindow, type RangeFunction, rangeOfArgument } from '../evaluation/range-window.ts'
import { formatShortest } from '../text/format-number.ts'
import { KahanSum } from '../text/kahan.ts'
import { quantileOf } from './histograms/quantile.ts'
import { addIgnoredHistogramsInfo, fromFloats } from './over-time.ts'

/** The least-squares regression line; `value` is its value at the given time. */
function linearRegression(floats: PointWindow<number>, timeMs: number): { slope: number; value: number } {
  const first = floats.value(0)
  const sums = { x: new KahanSum(), y: new KahanSum(), xy: new KahanSum(), x2: new KahanSum() }
  let isConstant = true
  for (let i = 0; i < floats.length; i++) {
    const y = floats.value(i)
    if (i > 0 && y !== first) isConstant = false
    const x = (floats.time(i) - timeMs) / 1e3
    sums.x.add(x)
    sums.y.add(y)
    sums.xy.add(x * y)
    sums.x2.add(x * x)
  }
  if (isConstant) {
    return Math.abs(first) === Number.POSITIVE_INFINITY
      ? { slope: Number.NaN, value: Number.NaN }
      : { slope: 0, value: first }
  }
  const count = floats.length
  const x = sums.x.total
  const y = sums.y.total
  const slope = (sums.xy.total - (x * y) / count) / (sums.x2.total - (x * x) / count)
  return { slope, value: y / count - (slope * x) / count }
}

/** A function that needs at least two floats; histograms are ignored. */
function fromTwoFloats(compute: RangeFunction): RangeFunction {
  return (window) => {
    if (window.floats.length > 0) addIgnoredHistogramsInfo(window)
    return window.floats.length < 2 ? undefined : compute(window)
  }
}

export const deriv = fromTwoFloats(({ floats }) => linearRegression(floats, floats.time(0)).slope)

export const predictLinear = fromTwoFloats(({ floats, timeMs, scalars }) => {
  const { slope, value } = linearRegression(floats, timeMs)
  return slope * (scalars[0] ?? Number.NaN) + value
})

export const doubleExponentialSmoothing: RangeFunction = (window) => {
  const [smoothing = Number.NaN, trend = Number.NaN] = window.scalars
  checkFactor('smoothing', 'sf', smoothing)
  checkFactor('trend', 'tf', trend)
  return smooth(smoothing, trend)(window)
}

function checkFactor(name: string, symbol: string, value: number): void {
  if (!(value <= 0 || value >= 1)) return
  throw new QueryError(`invalid ${name} factor. Expected: 0 < ${symbol} < 1, got: ${value.toFixed(6)}`)
}

function smooth(smoothing: number, trend: number): RangeFunction {
  return fromTwoFloats(({ floats }) => {
    let before = 0
    let level = floats.value(0)
    let slope = floats.value(1) - floats.value(0)
    for (let i = 1; i < floats.length; i++) {
      const scaled = smoothing * floats.value(i)
      if (i > 1) slope = trend * (level - before) + (1 - trend) * slope
      const next = scaled + (1 - smoothing) * (level + slope)
      before = level
      level = next
    }
    return level
  })
}

export const quantileOverTime: RangeFunction = (window) => {
  const quantile = window.scalars[0] ?? Number.NaN
  if (window.floats.length === 0) return undefined
  if (!(quantile >= 0 && quantile <= 1)) window.annotations.invalidQuantile(quantile, rangeOfArgument(window))
  addIgnoredHistogramsInfo(window)
  const { values, from, to } = window.floats
  return quantileOf(quantile, values.slice(from, to))
}

export const madOverTime = fromFloats(({ values, from, to }) => {
  const list = values.slice(from, to)
  if (list.some(Number.isNaN)) return Number.NaN
  const median = quantileOf(0.5, list)
  const distances = list.map((value) => Math.abs(value - median))
  return quantileOf(0.5, distances)
})

/** How values between two samples are determined: as the first, as the second, or by linear interpolation. */
const STRATEGIES = ['left', 'right', 'trapezoidal'] as const

export const integral: RangeFunction = (window) => {
  if (window.floats.length === 0) return undefined
  addIgnoredHistogramsInfo(window)
  const wanted = window.scalars[0] ?? 2
  const strategy = STRATEGIES[wanted]
  if (strategy === undefined) {
    const text = `strategy should be 0, 1, or 2 (default), using 2, got ${formatShortest(wanted)}`
    window.annotations.warn(text, rangeOfArgument(window, 1))
  }
  return integralOf(window.floats, strategy ?? 'trapezoidal')
}

function integralOf(floats: PointWindow<number>, strategy: (typeof STRATEGIES)[number]): number {
  const sum = new KahanSum()
  const number = (i: number) => (Number.isNaN(floats.value(i)) ? 0 : floats.value(i))
  for (let i = 1; i < floats.length; i++) {
    const left = number(i - 1)
    const right = number(i)
    const height = strategy === 'trapezoidal' ? middle(left, right) : new KahanSum(strategy === 'left' ? left : right)
    if (height.sum === 0 && height.compensation === 0) continue
    const seconds = (floats.time(i) - floats.time(i - 1)) / 1000
    sum.compensation += height.compensation * seconds
    sum.add(height.sum * seconds)
  }
  return Math.abs(sum.sum) === Number.POSITIVE_INFINITY ? sum.sum : sum.total
}

function middle(left: number, right: number): KahanSum {
  const sum = new KahanSum(left).add(right)
  const areFinite = Number.isFinite(left) && Number.isFinite(right)
  if (Math.abs(sum.sum) === Number.POSITIVE_INFINITY && areFinite) return new KahanSum(left / 2).add(right / 2)
  return new KahanSum(sum.sum / 2, sum.compensation / 2)
}
