import { invalidField, RpcError } from '../../api/rpc-error.ts'
import type { MetricKind, ValueType } from '../../contract/metrics.ts'
import {
  type Aggregation,
  type AggregationMessage,
  aggregatedType,
  readAggregation,
} from '../../monitoring/aggregation/aggregation.ts'
import { singleMetricType } from '../../monitoring/filter/evaluate-filter.ts'
import type { Filter } from '../../monitoring/filter/filter.ts'
import { readFilter } from '../../monitoring/filter/read-filter.ts'
import { type TimestampMessage, timestampToMicros } from '../../protos/timestamp.ts'
import { checkPromql } from './check-promql.ts'
import {
  type AbsenceMessage,
  COMPARISONS,
  type ConditionMessage,
  MISSING_DATA,
  type ThresholdMessage,
  type TriggerMessage,
} from './policy.ts'
import { readSloSelector } from './slo-selector.ts'

/** The context that a policy is validated against. */
export interface PolicyContext {
  readonly hasChannel: (name: string) => boolean
  readonly hasSlo: (name: string) => boolean
  /** The kind and value type of a metric; undefined if the metric is not known yet. */
  readonly metric: (type: string) => { metricKind: MetricKind; valueType: ValueType } | undefined
}

const MAX_FILTER = 2048
const MAX_AGGREGATIONS = 2
const MINUTE = 60
/** 23 hours and 30 minutes. */
const MAX_DURATION = 84_600
const MIN_ABSENCE = 120
/** 25 hours; charts may have more. */
const MAX_ALIGNMENT_SECONDS = 90_000

/** Kinds of conditions that are rejected with an explanation instead of being accepted and ignored. */
const NOT_DONE: Readonly<Record<string, string>> = {
  conditionMatchedLog:
    'Conditions on logs are not implemented by this emulator: count the entries in a metric and use conditionThreshold.',
  conditionMonitoringQueryLanguage:
    'Conditions in MQL are not implemented by this emulator: use conditionThreshold; Google has ended support for MQL.',
  conditionSql: 'Conditions in SQL are not implemented by this emulator: use conditionThreshold.',
}

/**
 * Throws INVALID_ARGUMENT with the path of the field, or UNIMPLEMENTED for kinds of conditions that are not
 * implemented.
 */
export function checkCondition(condition: ConditionMessage, field: string, context: PolicyContext): void {
  const kind = condition.condition
  if (kind === undefined)
    throw invalidField(
      field,
      undefined,
      'The condition needs conditionThreshold, conditionAbsent or conditionPrometheusQueryLanguage.',
    )
  const sentence = NOT_DONE[kind]
  if (sentence !== undefined) throw new RpcError('UNIMPLEMENTED', `${sentence} (${field})`)
  if (condition.displayName === '')
    throw invalidField(`${field}.display_name`, '', 'The display name of a condition is required.')
  if (condition.conditionThreshold)
    checkThreshold(condition.conditionThreshold, `${field}.condition_threshold`, context)
  const promql = condition.conditionPrometheusQueryLanguage
  if (promql) checkPromql(promql, `${field}.condition_prometheus_query_language`)
  if (condition.conditionAbsent) checkAbsence(condition.conditionAbsent, `${field}.condition_absent`, context)
}

function checkThreshold(threshold: ThresholdMessage, field: string, context: PolicyContext): void {
  if (threshold.forecastOptions)
    throw new RpcError(
      'UNIMPLEMENTED',
      `Forecasts are not implemented by this emulator: omit ${field}.forecast_options to compare the current value.`,
    )
  const numerator = checkSelection(threshold.filter, threshold.aggregations, {
    filterField: `${field}.filter`,
    aggregationsField: `${field}.aggregations`,
    needsResource: true,
    context,
  })
  checkDenominator(threshold, numerator, field, context)
  const comparison = COMPARISONS[threshold.comparison]
  if (comparison !== 'COMPARISON_GT' && comparison !== 'COMPARISON_LT')
    throw invalidField(
      `${field}.comparison`,
      comparison ?? String(threshold.comparison),
      'Only COMPARISON_GT and COMPARISON_LT are supported.',
    )
  if (Number.isNaN(threshold.thresholdValue))
    throw invalidField(`${field}.threshold_value`, 'NaN', 'A number is required.')
  const seconds = checkDuration(threshold.duration, `${field}.duration`, 0)
  checkTrigger(threshold.trigger, `${field}.trigger`)
  const missing = MISSING_DATA[threshold.evaluationMissingData]
  if (missing === undefined)
    throw invalidField(`${field}.evaluation_missing_data`, String(threshold.evaluationMissingData), 'Unknown value.')
  if (missing !== 'EVALUATION_MISSING_DATA_UNSPECIFIED' && seconds < MINUTE)
    throw invalidField(
      `${field}.evaluation_missing_data`,
      missing,
      'The duration must be at least 60s to specify how missing data is evaluated.',
    )
}

function checkDenominator(
  threshold: ThresholdMessage,
  numerator: readonly Aggregation[],
  field: string,
  context: PolicyContext,
): void {
  if (threshold.denominatorFilter === '') {
    if (threshold.denominatorAggregations.length > 0)
      throw invalidField(
        `${field}.denominator_aggregations`,
        undefined,
        'It can only be specified if denominator_filter is specified.',
      )
    return
  }
  const denominator = checkSelection(threshold.denominatorFilter, threshold.denominatorAggregations, {
    filterField: `${field}.denominator_filter`,
    aggregationsField: `${field}.denominator_aggregations`,
    needsResource: false,
    context,
  })
  const periods = [numerator, denominator].map((list) => list[0]?.periodMicros ?? 0)
  if (periods[0] !== periods[1])
    throw invalidField(
      `${field}.denominator_aggregations[0].alignment_period`,
      `${(periods[1] ?? 0) / 1e6}s`,
      `It must be the same as that of aggregations, ${(periods[0] ?? 0) / 1e6}s.`,
    )
}

function checkAbsence(absence: AbsenceMessage, field: string, context: PolicyContext): void {
  checkSelection(absence.filter, absence.aggregations, {
    filterField: `${field}.filter`,
    aggregationsField: `${field}.aggregations`,
    needsResource: true,
    context,
  })
  checkDuration(absence.duration && { ...absence.duration, nanos: 0 }, `${field}.duration`, MIN_ABSENCE)
  checkTrigger(absence.trigger, `${field}.trigger`)
}

/** Validates a filter with its aggregations, and if the metric is known, whether they can be applied to it. */
function checkSelection(
  filterText: string,
  messages: readonly AggregationMessage[],
  options: { filterField: string; aggregationsField: string; needsResource: boolean; context: PolicyContext },
): Aggregation[] {
  const { filterField, aggregationsField, needsResource, context } = options
  if ([...filterText].length > MAX_FILTER)
    throw invalidField(filterField, filterText, `At most ${MAX_FILTER} characters are allowed.`)
  const slo = readSloSelector(filterText, filterField)
  if (slo && !context.hasSlo(slo.slo))
    throw invalidField(filterField, filterText, 'There is no such service-level objective.')
  const metricType = slo ? undefined : checkFilter(filterText, filterField, needsResource)
  const aggregations = readAggregationList(messages, aggregationsField)
  let type = slo ? SLO_RESULT : context.metric(metricType ?? '')
  for (const [index, one] of aggregations.entries())
    type = type && aggregatedType(one, type, `${aggregationsField}[${index}]`)
  return aggregations
}

/** SLO selectors return a gauge. */
const SLO_RESULT = { metricKind: 'GAUGE', valueType: 'DOUBLE' } as const

function checkFilter(filterText: string, field: string, needsResource: boolean): string {
  const { filter } = readFilter(filterText, field)
  const metricType = singleMetricType(filter)
  if (mentionsGroup(filter))
    throw new RpcError(
      'UNIMPLEMENTED',
      `group.id is not implemented by this emulator in ${field}: use the filter of the group.`,
    )
  if (metricType === undefined)
    throw invalidField(field, filterText, 'must specify a restriction on "metric.type" in the filter.')
  if (needsResource && !restrictsResource(filter))
    throw invalidField(
      field,
      filterText,
      'must specify a restriction on "resource.type" in the filter; see "https://cloud.google.com/monitoring/api/resources" for a list of available resource types.',
    )
  return metricType
}

function restrictsResource(filter: Filter | undefined): boolean {
  if (filter?.kind === 'and') return filter.operands.some(restrictsResource)
  if (filter?.kind === 'or') return filter.operands.every(restrictsResource)
  return (
    filter?.kind === 'comparison' && (filter.selector.kind === 'resource.type' || filter.selector.kind === 'group.id')
  )
}

function mentionsGroup(filter: Filter | undefined): boolean {
  if (!filter) return false
  if (filter.kind === 'comparison') return filter.selector.kind === 'group.id'
  return filter.kind === 'not' ? mentionsGroup(filter.operand) : filter.operands.some(mentionsGroup)
}

/** Validates the aggregations of a condition, which are applied in order. Throws INVALID_ARGUMENT. */
export function readAggregationList(messages: readonly AggregationMessage[], field: string): Aggregation[] {
  if (messages.length > MAX_AGGREGATIONS)
    throw invalidField(
      field,
      undefined,
      `It has ${messages.length} aggregations; this emulator applies at most ${MAX_AGGREGATIONS}.`,
    )
  const first = messages[0] ? [readAggregation(messages[0], `${field}[0]`)] : []
  const all = messages[1]
    ? [...first, readAggregation(messages[1], `${field}[1]`, { aligned: (first[0]?.periodMicros ?? 0) > 0 })]
    : first
  for (const [index, { periodMicros }] of all.entries())
    if (periodMicros > MAX_ALIGNMENT_SECONDS * 1e6)
      throw invalidField(
        `${field}[${index}].alignmentPeriod`,
        `${periodMicros / 1e6}s`,
        `It must be at most ${MAX_ALIGNMENT_SECONDS}s in an alert policy.`,
      )
  return all
}

function checkDuration(duration: TimestampMessage | null | undefined, field: string, least: number): number {
  const seconds = duration ? timestampToMicros(duration) / 1e6 : 0
  if (seconds % MINUTE === 0 && seconds >= least && seconds <= MAX_DURATION) return seconds
  throw invalidField(
    field,
    `${seconds}s`,
    `It must be a multiple of 60s${least > 0 ? `, at least ${least}s` : ''}, at most ${MAX_DURATION}s.`,
  )
}

function checkTrigger(trigger: TriggerMessage | null | undefined, field: string): void {
  if (trigger?.type === 'count' && (trigger.count ?? 0) < 1)
    throw invalidField(`${field}.count`, String(trigger.count), 'It must be at least 1.')
  const percent = trigger?.percent ?? 0
  if (trigger?.type === 'percent' && !(percent > 0 && percent <= 100))
    throw invalidField(`${field}.percent`, String(percent), 'It must be above 0 and at most 100.')
}
