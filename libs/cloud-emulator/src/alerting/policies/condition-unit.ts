import { aggregatedUnit, quotientUnit } from '../../monitoring/aggregation/unit.ts'
import { singleMetricType } from '../../monitoring/filter/evaluate-filter.ts'
import { parseFilter } from '../../monitoring/filter/parse-filter.ts'
import type { MetricDescriptor } from '../../monitoring/model/metric-descriptor.ts'
import { shownUnit } from '../../monitoring/model/shown-unit.ts'
import { readAggregationList } from './check-condition.ts'
import type { ConditionMessage } from './policy.ts'
import { readSloSelector } from './slo-selector.ts'

const NO_UNIT = '1'

/**
 * The unit in which pages show the values that a condition compares; `metric` returns what is known about a metric
 * type.
 */
export function shownConditionUnit(
  condition: ConditionMessage,
  metric: (type: string) => Pick<MetricDescriptor, 'unit'> | undefined,
): string {
  return conditionUnit(condition, (type) => shownUnit({ type, unit: metric(type)?.unit ?? '' }))
}

/**
 * The unit of the values that a validated condition compares with its threshold: `10^2.%` for a fraction of one metric,
 * `1` for other ratios, burn rates and PromQL.
 */
export function conditionUnit(
  { conditionThreshold: threshold }: ConditionMessage,
  unitOfMetric: (metricType: string) => string | undefined,
): string {
  if (!threshold || readSloSelector(threshold.filter, 'filter')) return NO_UNIT
  const measured = (filter: string, list: typeof threshold.aggregations) => {
    const metricType = singleMetricType(parseFilter(filter))
    const unit = (metricType === undefined ? undefined : unitOfMetric(metricType)) ?? ''
    const aggregations = readAggregationList(list, 'aggregations')
    return { metricType, unit: aggregations.reduce((made, one) => aggregatedUnit(one, made), unit) || NO_UNIT }
  }
  const { filter, aggregations, denominatorFilter, denominatorAggregations } = threshold
  const compared = measured(filter, aggregations)
  return denominatorFilter === ''
    ? compared.unit
    : quotientUnit(compared, measured(denominatorFilter, denominatorAggregations))
}
