import type { ValueType } from '../../contract/metrics.ts'
import type { ExemplarMessage } from '../model/messages.ts'
import { type DistributionValue, isDistribution, numberOf, type PointValue } from '../model/point-value.ts'
import { type Aligner, alignedType, percentileOf } from './aligners.ts'
import { distributionDeltas, numberDeltas } from './deltas.ts'
import { distributionPercentile, mergeDistributions } from './distribution-math.ts'
import { newExemplars, newestExemplars } from './exemplars.ts'
import type { PointSeries, SeriesPoint } from './point-series.ts'
import { maximumOf, meanOf, minimumOf, standardDeviationOf, sumOf } from './statistics.ts'

/** One alignment period: `startMicros < time <= endMicros`. */
export interface Window {
  readonly startMicros: number
  readonly endMicros: number
}

/** The alignment periods that cover `(afterMicros, endMicros]`, the last one ending at `endMicros`; oldest first. */
export function windowsOf(interval: { afterMicros: number; endMicros: number; periodMicros: number }): Window[] {
  const { afterMicros, endMicros, periodMicros } = interval
  const count = Math.max(1, Math.ceil((endMicros - afterMicros) / periodMicros))
  return Array.from({ length: count }, (_, index) => {
    const end = endMicros - (count - 1 - index) * periodMicros
    return { startMicros: end - periodMicros, endMicros: end }
  })
}

/** Aligns a series to one point for each window with data. The aligner must fit the series. */
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

function alignedValues(series: PointSeries, aligner: Aligner, windows: readonly Window[]): Values {
  const { points, valueType } = series
  if (aligner === 'ALIGN_DELTA')
    return valueType === 'DISTRIBUTION' ? distributionSums(series, windows) : numberSums(series, windows)
  if (aligner === 'ALIGN_RATE') return rates(series, windows)
  if (aligner === 'ALIGN_INTERPOLATE') return windows.map((window) => interpolated(points, window))
  const byWindow = pointsByWindow(points, windows)
  if (aligner === 'ALIGN_PERCENT_CHANGE') return percentChanges(byWindow)
  return byWindow.map((inside) => (inside.length === 0 ? undefined : alignedValue(inside, aligner)))
}

function alignedValue(points: readonly SeriesPoint[], aligner: Aligner): PointValue | undefined {
  const last = points.at(-1)?.value
  if (aligner === 'ALIGN_NEXT_OLDER') return last
  const distributions = points.map((point) => point.value).filter(isDistribution)
  if (distributions.length > 0) {
    const merged = mergeDistributions(distributions)
    return aligner === 'ALIGN_SUM' ? merged : finite(distributionPercentile(merged, percentileOf(aligner)))
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
    default:
      return undefined
  }
}

/** Splits deltas that cross windows in proportion to time. Integers stay integers, and their sum is exact. */
function numberSums(series: PointSeries, windows: readonly Window[]): Values {
  const shares = sharedOut(series, windows)
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
  return sharedOut(series, windows).map((share) => share && share.value / (share.coveredMicros / 1e6))
}

interface Share {
  value: number
  coveredMicros: number
}

function sharedOut(series: PointSeries, windows: readonly Window[]): (Share | undefined)[] {
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

/** Interpolates linearly at the window's end between neighbours that are at most two periods apart. */
function interpolated(points: readonly SeriesPoint[], window: Window): PointValue | undefined {
  const after = points.findIndex((point) => point.endMicros >= window.endMicros)
  const later = points[after]
  if (!later) return undefined
  if (later.endMicros === window.endMicros) return later.value
  const earlier = points[after - 1]
  const span = later.endMicros - (earlier?.endMicros ?? 0)
  if (!earlier || span > 2 * (window.endMicros - window.startMicros)) return undefined
  const from = numberOf(earlier.value)
  return from + ((numberOf(later.value) - from) * (window.endMicros - earlier.endMicros)) / span
}

function percentChanges(byWindow: readonly SeriesPoint[][]): Values {
  const means = byWindow.map((inside) =>
    inside.length === 0 ? undefined : meanOf(inside.map((point) => numberOf(point.value))),
  )
  return means.map((mean, index) => {
    const before = means[index - 1]
    return mean === undefined || before === undefined || before === 0 ? undefined : ((mean - before) / before) * 100
  })
}

function exemplarsIn(points: ReturnType<typeof newExemplars>, window: Window): ExemplarMessage[] {
  return newestExemplars(
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
