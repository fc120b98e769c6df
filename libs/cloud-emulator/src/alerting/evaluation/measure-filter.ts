import { RpcError } from '../../api/rpc-error.ts'
import { type Aggregation, NO_AGGREGATION } from '../../monitoring/aggregation/aggregation.ts'
import type { PointSeries } from '../../monitoring/aggregation/point-series.ts'
import { isDistribution, numberOf } from '../../monitoring/model/point-value.ts'
import { QueryBudget } from '../../monitoring/read/query-budget.ts'
import { querySeries } from '../../monitoring/read/query-series.ts'
import { type Selection, selectSeries } from '../../monitoring/read/select-series.ts'
import { identityKey } from '../../monitoring/read/series-identity.ts'
import type { MetricStore } from '../../monitoring/store/metric-store.ts'
import { ratioOf } from '../../query/ratio.ts'
import type { Measure, Measured } from './measurement.ts'

/** How many points one evaluation of a condition may keep; five times as many may be read. */
const MAX_POINTS = 200_000
/** The maximum age of the newest point if it is not aligned. */
const UNALIGNED_MICROS = 60e6

export interface FilterSource {
  readonly store: MetricStore
  readonly projectId: string
}

/** A filter with the aggregations of the selected series. */
export interface MeasuredFilter {
  readonly filter: string
  readonly aggregations: readonly Aggregation[]
}

/**
 * Measures the series of a filter, or the ratio of the series of two filters. An alignment period ends at the
 * evaluation time.
 */
export function measureFilter(source: FilterSource, numerator: MeasuredFilter, denominator?: MeasuredFilter): Measure {
  return (atMicros) => {
    const budget = new QueryBudget(Math.min(MAX_POINTS, source.store.limits.maxQuerySamples))
    const upper = readFilter(source, numerator, { atMicros, budget })
    if (!denominator) return measured(upper, upper.selected)
    const lower = readFilter(source, denominator, { atMicros, budget })
    return measured({ ...upper, series: ratioOf(upper.series, lower.series) }, upper.selected)
  }
}

interface ReadSeries {
  readonly series: readonly PointSeries[]
  readonly selected: number
}

function readFilter(
  { store, projectId }: FilterSource,
  { filter, aggregations }: MeasuredFilter,
  { atMicros, budget }: { atMicros: number; budget: QueryBudget },
): ReadSeries {
  const selection = knownSelection(() => selectSeries(store, projectId, filter))
  if (!selection) return { series: [], selected: 0 }
  const [first = NO_AGGREGATION, second = NO_AGGREGATION] = aggregations
  const period = Math.max(first.periodMicros, second.periodMicros) || UNALIGNED_MICROS
  const { series } = querySeries(selection, {
    afterMicros: atMicros - period,
    endMicros: atMicros,
    first,
    second,
    budget,
  })
  return { series, selected: selection.series.length }
}

/** Undefined if no metric of that type has been written yet. */
function knownSelection(select: () => Selection): Selection | undefined {
  try {
    return select()
  } catch (error) {
    if (error instanceof RpcError && error.code === 'NOT_FOUND') return undefined
    throw error
  }
}

function measured({ series }: ReadSeries, selected: number): Measured {
  return {
    selected,
    series: series.flatMap((one) => {
      const value = one.points.at(-1)?.value
      if (value === undefined || isDistribution(value)) return []
      const { metricType, metricLabels, resourceType, resourceLabels } = one
      return [{ key: identityKey(one), value: numberOf(value), metricType, metricLabels, resourceType, resourceLabels }]
    }),
  }
}
