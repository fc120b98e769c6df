import type { Labels, ValueType } from '../../contract/metrics.ts'
import { labelValue } from '../model/messages.ts'
import { type DistributionValue, isDistribution, numberOf, type PointValue } from '../model/point-value.ts'
import { inType } from './align.ts'
import { distributionPercentile, mergeDistributions } from './distribution-math.ts'
import { chosenExemplars } from './exemplars.ts'
import { isPercentile, percentileOf } from './percentiles.ts'
import type { PointSeries, SeriesPoint } from './point-series.ts'
import { type Reducer, reducedType } from './reducers.ts'
import { maximumOf, meanOf, minimumOf, percentileOfValues, standardDeviationOf, sumOf } from './statistics.ts'

export interface GroupByField {
  /** Series have no metadata here, so metadata in a group-by field is a missing label. */
  readonly from: 'metric' | 'resource' | 'resourceType' | 'project' | 'metadata'
  readonly key: string
}

/**
 * Combines aligned series with equal values of the group-by fields and equal resource types. The results keep only the
 * labels in the group-by fields.
 */
export function reduceSeries(
  series: readonly PointSeries[],
  reducer: Reducer,
  groupBy: readonly GroupByField[],
): PointSeries[] {
  if (reducer === 'REDUCE_NONE') return [...series]
  const groups = Map.groupBy(series, (one) => groupKey(one, groupBy))
  return [...groups.values()].map((members) => reduceGroup(members, reducer, groupBy))
}

function groupKey(series: PointSeries, groupBy: readonly GroupByField[]): string {
  return JSON.stringify([series.resourceType, ...groupBy.map((field) => groupValue(series, field) ?? null)])
}

type ValueReducer = Exclude<Reducer, 'REDUCE_NONE'>

function reduceGroup(
  members: readonly PointSeries[],
  reducer: ValueReducer,
  groupBy: readonly GroupByField[],
): PointSeries {
  const [first] = members
  const type = first && reducedType(reducer, first)
  if (!type) throw new TypeError(`${reducer} can't be applied to ${first?.metricKind} ${first?.valueType}`)
  const byEnd = new Map<number, SeriesPoint[]>()
  for (const { points } of members) {
    for (const point of points) {
      const known = byEnd.get(point.endMicros)
      if (known) known.push(point)
      else byEnd.set(point.endMicros, [point])
    }
  }
  const points: SeriesPoint[] = []
  for (const [endMicros, inside] of [...byEnd].sort(([a], [b]) => a - b)) {
    const value = reducedValue(
      inside.map((point) => point.value),
      reducer,
    )
    const exemplars =
      value !== undefined && isDistribution(value)
        ? chosenExemplars(inside.flatMap((point) => point.exemplars ?? []))
        : []
    const startMicros = type.metricKind === 'GAUGE' ? endMicros : (inside[0]?.startMicros ?? endMicros)
    if (value !== undefined) {
      points.push({
        startMicros,
        endMicros,
        value: inType(value, type.valueType),
        ...(exemplars.length > 0 ? { exemplars } : {}),
      })
    }
  }
  return {
    metricType: first.metricType,
    metricLabels: keptLabels(first, groupBy, 'metric'),
    resourceType: first.resourceType,
    resourceLabels: keptLabels(first, groupBy, 'resource'),
    metricKind: type.metricKind,
    valueType: type.valueType satisfies ValueType,
    points,
  }
}

function reducedValue(values: readonly PointValue[], reducer: ValueReducer): PointValue | undefined {
  if (reducer === 'REDUCE_COUNT') return values.length
  const distributions = values.filter(isDistribution)
  if (distributions.length > 0) return reducedDistribution(mergeDistributions(distributions), reducer)
  const numbers = values.map(numberOf)
  if (isPercentile(reducer)) return percentileOfValues(numbers, percentileOf(reducer))
  switch (reducer) {
    case 'REDUCE_MEAN':
    case 'REDUCE_FRACTION_TRUE':
      return meanOf(numbers)
    case 'REDUCE_MIN':
      return minimumOf(numbers)
    case 'REDUCE_MAX':
      return maximumOf(numbers)
    case 'REDUCE_SUM':
    case 'REDUCE_COUNT_TRUE':
      return sumOf(numbers)
    case 'REDUCE_COUNT_FALSE':
      return numbers.length - sumOf(numbers)
    case 'REDUCE_STDDEV':
      return standardDeviationOf(numbers)
    default:
      return reducer satisfies never
  }
}

function reducedDistribution(merged: DistributionValue, reducer: ValueReducer): PointValue | undefined {
  if (reducer === 'REDUCE_SUM') return merged
  if (merged.count === 0) return undefined
  if (reducer === 'REDUCE_MEAN') return merged.mean
  if (reducer === 'REDUCE_STDDEV') return Math.sqrt(merged.sumOfSquaredDeviation / merged.count)
  if (!isPercentile(reducer)) return undefined
  const value = distributionPercentile(merged, percentileOf(reducer))
  return Number.isFinite(value) ? value : undefined
}

function keptLabels(series: PointSeries, groupBy: readonly GroupByField[], from: 'metric' | 'resource'): Labels {
  const own = groupBy.filter((field) => field.from === from)
  // `fromEntries`, because a key may be `__proto__`.
  return Object.fromEntries(
    own.flatMap((field) => {
      const value = groupValue(series, field)
      return value === undefined ? [] : [[field.key, value]]
    }),
  )
}

function groupValue(series: PointSeries, field: GroupByField): string | undefined {
  if (field.from === 'metric') return labelValue(series.metricLabels, field.key)
  return field.from === 'resource' ? labelValue(series.resourceLabels, field.key) : undefined
}
