import { RpcError } from '../../api/rpc-error.ts'
import { type Aggregation, NO_AGGREGATION } from '../../monitoring/aggregation/aggregation.ts'
import type { PointSeries } from '../../monitoring/aggregation/point-series.ts'
import {
  type DistributionValue,
  isDistribution,
  numberOf,
  type PointValue,
} from '../../monitoring/model/point-value.ts'
import { QueryBudget } from '../../monitoring/read/query-budget.ts'
import { querySeries } from '../../monitoring/read/query-series.ts'
import { selectSeries } from '../../monitoring/read/select-series.ts'
import type { MetricStore } from '../../monitoring/store/metric-store.ts'
import { timestampToMicros } from '../../protos/timestamp.ts'
import type { RangeMessage, RequestBasedMessage, SliMessage, WindowsBasedMessage } from './slo.ts'

/** Good and total service in a time range; both 0 if there was none. */
export interface Served {
  readonly good: number
  readonly total: number
}

export interface SliSource {
  readonly store: MetricStore
  readonly projectId: string
}

/** A time range until `endMicros`, as a whole number of periods. */
interface Span {
  readonly endMicros: number
  readonly lengthMicros: number
  readonly periodMicros: number
}

type Reading = Pick<Aggregation, 'aligner' | 'reducer'>

const SUM_OF_CHANGES: Reading = { aligner: 'ALIGN_DELTA', reducer: 'REDUCE_SUM' }
const MAX_POINTS = 200_000

/** How much service was good in the time range until `endMicros`. Throws `RpcError` if that can't be determined. */
export function servedIn(
  sli: SliMessage,
  source: SliSource,
  { endMicros, lengthMicros }: Pick<Span, 'endMicros' | 'lengthMicros'>,
): Served {
  const span = { endMicros, lengthMicros, periodMicros: lengthMicros }
  if (sli.requestBased) return requestsIn(sli.requestBased, source, span)[0] ?? { good: 0, total: 0 }
  if (sli.windowsBased) return windowsIn(sli.windowsBased, source, span)
  throw new RpcError(
    'UNIMPLEMENTED',
    'The performance of a basic SLI is not computed by this emulator: define it as request_based or windows_based.',
  )
}

/** Good and total requests in each period, oldest first; periods without requests are left out. */
function requestsIn(sli: RequestBasedMessage, source: SliSource, span: Span): Served[] {
  const { goodTotalRatio: ratio, distributionCut: cut } = sli
  if (cut) {
    const range = cut.range ?? { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY }
    return [...read(cut.distributionFilter, source, span, SUM_OF_CHANGES).values()].map((value) =>
      isDistribution(value) ? { good: countInRange(value, range), total: value.count } : { good: 0, total: 0 },
    )
  }
  const changes = (filter: string | undefined): ReadonlyMap<number, number> =>
    filter ? countsOf(read(filter, source, span, SUM_OF_CHANGES)) : new Map()
  const good = changes(ratio?.goodServiceFilter)
  const bad = changes(ratio?.badServiceFilter)
  const total = changes(ratio?.totalServiceFilter)
  return [...new Set([...good.keys(), ...bad.keys(), ...total.keys()])]
    .sort((a, b) => a - b)
    .map((end) => {
      const [some, others, all] = [good.get(end) ?? 0, bad.get(end) ?? 0, total.get(end) ?? 0]
      if (!ratio?.totalServiceFilter) return { good: some, total: some + others }
      return { good: ratio.goodServiceFilter ? some : Math.max(0, all - others), total: all }
    })
    .filter((served) => served.total > 0)
}

/** Good windows, and all windows with data. */
function windowsIn(sli: WindowsBasedMessage, source: SliSource, { endMicros, lengthMicros }: Span): Served {
  const periodMicros = sli.windowPeriod ? timestampToMicros(sli.windowPeriod) : 60e6
  const span = { endMicros, lengthMicros: Math.max(lengthMicros, periodMicros), periodMicros }
  const goodness = goodWindows(sli, source, span)
  return { good: goodness.filter((isGood) => isGood).length, total: goodness.length }
}

function goodWindows(sli: WindowsBasedMessage, source: SliSource, span: Span): boolean[] {
  const { goodTotalRatioThreshold: ratio, goodBadMetricFilter, metricMeanInRange: mean, metricSumInRange: sum } = sli
  if (ratio?.performance)
    return requestsIn(ratio.performance, source, span).map(({ good, total }) => good / total >= ratio.threshold)
  if (goodBadMetricFilter) {
    const shares = read(goodBadMetricFilter, source, span, { aligner: 'ALIGN_FRACTION_TRUE', reducer: 'REDUCE_MAX' })
    return [...shares.values()].map((share) => numberOf(share) > 0)
  }
  const metric = mean ?? sum
  if (!metric) throw new RpcError('UNIMPLEMENTED', 'The performance of a basic SLI is not computed by this emulator.')
  const { min, max } = metric.range ?? { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY }
  const reducer = mean ? 'REDUCE_MEAN' : 'REDUCE_SUM'
  return [...read(metric.timeSeries, source, span, { aligner: 'ALIGN_MEAN', reducer }).values()].map((value) => {
    const number = numberOf(value)
    return number >= min && number <= max
  })
}

/** The value of each period that has one, by its end. */
function read(filter: string, { store, projectId }: SliSource, span: Span, reading: Reading): Map<number, PointValue> {
  const values = new Map<number, PointValue>()
  for (const { points } of reduced(filter, { store, projectId }, span, reading))
    for (const { endMicros, value } of points) values.set(endMicros, value)
  return values
}

function reduced(filter: string, source: SliSource, span: Span, reading: Reading): readonly PointSeries[] {
  try {
    const selection = selectSeries(source.store, source.projectId, filter)
    return querySeries(selection, {
      afterMicros: span.endMicros - span.lengthMicros,
      endMicros: span.endMicros,
      first: { ...reading, periodMicros: span.periodMicros, groupBy: [] },
      second: NO_AGGREGATION,
      budget: new QueryBudget(Math.min(MAX_POINTS, source.store.limits.maxQuerySamples)),
    }).series
  } catch (error) {
    if (error instanceof RpcError && error.code === 'NOT_FOUND') return []
    throw error
  }
}

function countsOf(values: ReadonlyMap<number, PointValue>): ReadonlyMap<number, number> {
  return new Map([...values].map(([end, value]) => [end, isDistribution(value) ? value.count : numberOf(value)]))
}

/** The number of values in a range; a bucket that is only partly in it counts in proportion. */
function countInRange({ layout, counts }: DistributionValue, { min, max }: RangeMessage): number {
  let inside = 0
  for (let index = 0; index < counts.length; index++) {
    const count = counts[index] ?? 0
    if (count === 0) continue
    const low = index === 0 ? Math.min(0, layout.bounds[0] ?? 0) : (layout.bounds[index - 1] ?? 0)
    const high = layout.bounds[index] ?? Number.POSITIVE_INFINITY
    inside += count * fractionInRange(low, high, { min, max })
  }
  return inside
}

function fractionInRange(low: number, high: number, { min, max }: RangeMessage): number {
  if (low >= min && high <= max) return 1
  if (high <= min || low >= max) return 0
  if (high === Number.POSITIVE_INFINITY) return max === Number.POSITIVE_INFINITY ? 1 : 0
  return (Math.min(high, max) - Math.max(low, min)) / (high - low)
}
