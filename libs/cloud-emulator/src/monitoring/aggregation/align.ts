import type { ValueType } from '../../contract/metrics.ts'
import type { ExemplarMessage } from '../model/messages.ts'
import { type DistributionValue, isDistribution, numberOf, type PointValue } from '../model/point-value.ts'
import { type Aligner, alignedType, MOVING_MEAN_MICROS } from './aligners.ts'
import { distributionDeltas, numberDeltas } from './deltas.ts'
import { distributionPercentile, mergeDistributions } from './distribution-math.ts'
import { chosenExemplars, newExemplars } from './exemplars.ts'
import { isPercentile, percentileOf } from './percentiles.ts'
import type { PointSeries, SeriesPoint } from './point-series.ts'
import { maximumOf, meanOf, minimumOf, standardDeviationOf, sumOf } from './statistics.ts'

/** One alignment period: `startMicros < time <= endMicros`. */
export interface Window {
  readonly startMicros: number
  readonly endMicros: number
}

/** The alignment periods that cover `(afterMicros, endMicros]`, the last one ending at `endMicros`; oldest first. */
export function windowsOf(interval: { afterMicros: number; endMicros: number; periodMicros: number }): Window[] {
  const { endMicros, periodMicros } = interval
  const count = windowCountOf(interval)
  return Array.from({ length: count }, (_, index) => {
    const end = endMicros - (count - 1 - index) * periodMicros
    return { startMicros: end - periodMicros, endMicros: end }
  })
}

/** The number of alignment periods that cover an interval. */
export function windowCountOf(interval: { afterMicros: number; endMicros: number; periodMicros: number }): number {
  return Math.max(1, Math.ceil((interval.endMicros - interval.afterMicros) / interval.periodMicros))
}

/** Aligns a series to one point for each window with data. The aligner must be valid for the series. */
export function alignSeries(series: PointSeries, aligner: Aligner, windows: readonly Window[]): PointSeries {
  const type = alignedType(aligner, series)
  if (!type) throw new TypeError(`${aligner} can't be applied to ${series.metricKind} ${series.valueType}`)
  if (aligner === 'ALIGN_NONE') return series
  const values = alignedValues(series, aligner, windows)
  const withExemplars = newExemplars(series.points)
  const points: SeriesPoint[] = []
  for (const [index, window] of windows.entries()) {
    const value = values[index]
    if (value === undefined) continue
    const exemplars = isDistribution(value) ? exemplarsIn(withExemplars, window) : []
    points.push({
      startMicros: type.metricKind === 'DELTA' ? window.startMicros : window.endMicros,
      endMicros: window.endMicros,
      value: inType(value, type.valueType),
      ...(exemplars.length > 0 ? { exemplars } : {}),
    })
  }
  return { ...series, ...type, points }
}

type Values = (PointValue | undefined)[]

function alignedValues(
  series: PointSeries,
  aligner: Exclude<Aligner, 'ALIGN_NONE'>,
  windows: readonly Window[],
): Values {
  const { points, valueType } = series
  if (aligner === 'ALIGN_DELTA')
    return valueType === 'DISTRIBUTION' ? distributionSums(series, windows) : numberSums(series, windows)
  if (aligner === 'ALIGN_RATE') return rates(series, windows)
  if (aligner === 'ALIGN_INTERPOLATE') return interpolated(points, windows)
  if (aligner === 'ALIGN_PERCENT_CHANGE') return percentChanges(points, windows)
  const byWindow = pointsByWindow(points, windows)
  return byWindow.map((inside) => (inside.length === 0 ? undefined : alignedValue(inside, aligner)))
}

/** The aligners whose value for a window depends only on the points in it. */
type WindowAligner = Exclude<
  Aligner,
  'ALIGN_NONE' | 'ALIGN_DELTA' | 'ALIGN_RATE' | 'ALIGN_INTERPOLATE' | 'ALIGN_PERCENT_CHANGE'
>

function alignedValue(points: readonly SeriesPoint[], aligner: WindowAligner): PointValue | undefined {
  if (aligner === 'ALIGN_NEXT_OLDER') return points.at(-1)?.value
  const distributions = points.map((point) => point.value).filter(isDistribution)
  if (distributions.length > 0) {
    const merged = mergeDistributions(distributions)
    if (isPercentile(aligner)) return finite(distributionPercentile(merged, percentileOf(aligner)))
    return aligner === 'ALIGN_SUM' ? merged : undefined
  }
  const numbers = points.map((point) => numberOf(point.value))
  switch (aligner) {
    case 'ALIGN_MIN':
      return minimumOf(numbers)
    case 'ALIGN_MAX':
      return maximumOf(numbers)
    case 'ALIGN_MEAN':
    case 'ALIGN_FRACTION_TRUE':
      return meanOf(numbers)
    case 'ALIGN_SUM':
    case 'ALIGN_COUNT_TRUE':
      return sumOf(numbers)
    case 'ALIGN_COUNT_FALSE':
      return numbers.length - sumOf(numbers)
    case 'ALIGN_COUNT':
      return numbers.length
    case 'ALIGN_STDDEV':
      return standardDeviationOf(numbers)
    case 'ALIGN_PERCENTILE_99':
    case 'ALIGN_PERCENTILE_95':
    case 'ALIGN_PERCENTILE_50':
    case 'ALIGN_PERCENTILE_05':
      return undefined
    default:
      return aligner satisfies never
  }
}

/** Splits deltas that cross windows in proportion to time. Integers stay integers, and their sum is exact. */
function numberSums(series: PointSeries, windows: readonly Window[]): Values {
  const shares = divideAmongWindows(series, windows)
  if (series.valueType !== 'INT64') return shares.map((share) => share?.value)
  let exact = 0
  let given = 0
  return shares.map((share) => {
    if (!share) return undefined
    exact += share.value
    const whole = Math.round(exact) - given
    given += whole
    return whole
  })
}

/**
 * Divides by the part of the window that the deltas cover, so that the unfinished window, and those at the ends of the
 * data, are not too low.
 */
function rates(series: PointSeries, windows: readonly Window[]): Values {
  return divideAmongWindows(series, windows).map((share) => share && share.value / (share.coveredMicros / 1e6))
}

interface Share {
  value: number
  coveredMicros: number
}

function divideAmongWindows(series: PointSeries, windows: readonly Window[]): (Share | undefined)[] {
  const shares: (Share | undefined)[] = windows.map(() => undefined)
  let first = 0
  for (const delta of numberDeltas(series)) {
    while (first < windows.length && (windows[first]?.endMicros ?? 0) <= delta.startMicros) first++
    for (let index = first; index < windows.length; index++) {
      const window = windows[index]
      if (!window || window.startMicros >= delta.endMicros) break
      const overlap = Math.min(window.endMicros, delta.endMicros) - Math.max(window.startMicros, delta.startMicros)
      if (overlap <= 0) continue
      const share = shares[index] ?? { value: 0, coveredMicros: 0 }
      share.value += (delta.value * overlap) / (delta.endMicros - delta.startMicros)
      share.coveredMicros += overlap
      shares[index] = share
    }
  }
  return shares
}

/** A distribution's delta belongs to the window in which it ends, so that its counts stay integers. */
function distributionSums(series: PointSeries, windows: readonly Window[]): Values {
  const all = distributionDeltas(series)
  const byWindow: DistributionValue[][] = windows.map(() => [])
  eachInWindow(all, windows, (index, delta) => byWindow[index]?.push(delta.value))
  return byWindow.map((inside) => (inside.length === 0 ? undefined : mergeDistributions(inside)))
}

function pointsByWindow(points: readonly SeriesPoint[], windows: readonly Window[]): SeriesPoint[][] {
  const byWindow: SeriesPoint[][] = windows.map(() => [])
  eachInWindow(points, windows, (index, point) => byWindow[index]?.push(point))
  return byWindow
}

function eachInWindow<T extends { readonly endMicros: number }>(
  items: readonly T[],
  windows: readonly Window[],
  visit: (index: number, item: T) => void,
): void {
  let index = 0
  for (const item of items) {
    while (index < windows.length && (windows[index]?.endMicros ?? 0) < item.endMicros) index++
    const window = windows[index]
    if (!window) return
    if (item.endMicros > window.startMicros) visit(index, item)
  }
}

/** Interpolates linearly at the end of each window, between the points before and after it. */
function interpolated(points: readonly SeriesPoint[], windows: readonly Window[]): Values {
  let next = 0
  return windows.map(({ endMicros }) => {
    while ((points[next]?.endMicros ?? Number.POSITIVE_INFINITY) < endMicros) next++
    const later = points[next]
    const earlier = points[next - 1]
    if (later?.endMicros === endMicros) return later.value
    if (!later || !earlier) return undefined
    const from = numberOf(earlier.value)
    const share = (endMicros - earlier.endMicros) / (later.endMicros - earlier.endMicros)
    return from + (numberOf(later.value) - from) * share
  })
}

/**
 * The change, in percent, between the start and the end of each window of the mean over the 10 minutes before. Negative
 * values are ignored. From 0 to 0 the change is zero, from 0 to anything else it is infinite.
 */
function percentChanges(points: readonly SeriesPoint[], windows: readonly Window[]): Values {
  const positive = points.filter(({ value }) => numberOf(value) >= 0)
  const before = movingMeans(
    positive,
    windows.map(({ startMicros }) => startMicros),
  )
  const after = movingMeans(
    positive,
    windows.map(({ endMicros }) => endMicros),
  )
  return after.map((current, index) => {
    const previous = before[index]
    if (current === undefined || previous === undefined) return undefined
    if (previous === 0) return current === 0 ? 0 : Number.POSITIVE_INFINITY
    return ((current - previous) / previous) * 100
  })
}

/** The mean of the points in the 10 minutes until each time; times are ascending. */
function movingMeans(points: readonly SeriesPoint[], timesMicros: readonly number[]): (number | undefined)[] {
  let first = 0
  let end = 0
  return timesMicros.map((timeMicros) => {
    while ((points[end]?.endMicros ?? Number.POSITIVE_INFINITY) <= timeMicros) end++
    while (first < end && (points[first]?.endMicros ?? 0) <= timeMicros - MOVING_MEAN_MICROS) first++
    const inside = points.slice(first, end)
    return inside.length === 0 ? undefined : meanOf(inside.map(({ value }) => numberOf(value)))
  })
}

function exemplarsIn(points: ReturnType<typeof newExemplars>, window: Window): ExemplarMessage[] {
  return chosenExemplars(
    points
      .filter(({ endMicros }) => endMicros > window.startMicros && endMicros <= window.endMicros)
      .flatMap(({ exemplars }) => exemplars),
  )
}

/** INT64 values are bigints, as in the store. */
export function inType(value: PointValue, valueType: ValueType): PointValue {
  if (valueType !== 'INT64' || typeof value === 'bigint' || isDistribution(value)) return value
  return BigInt(Math.round(Number(value)))
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined
}
