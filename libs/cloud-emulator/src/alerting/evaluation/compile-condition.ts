import { RpcError } from '../../api/rpc-error.ts'
import { type TimestampMessage, timestampToMicros } from '../../protos/timestamp.ts'
import { readAggregationList } from '../policies/check-condition.ts'
import {
  type AlertPolicyMessage,
  COMPARISONS,
  type ConditionMessage,
  MISSING_DATA,
  type ThresholdMessage,
  type TriggerMessage,
} from '../policies/policy.ts'
import { readSloSelector, type SloSelector } from '../policies/slo-selector.ts'
import type { ConditionRule, MissingData, Trigger } from './condition-state.ts'
import { type FilterSource, measureFilter } from './measure-filter.ts'
import { type InstantVector, measurePromql } from './measure-promql.ts'
import type { Measure } from './measurement.ts'

/** Measures an SLO selector. */
export type MeasureSlo = (selector: SloSelector) => Measure

/** The sources of measurements. */
export interface ConditionSources extends FilterSource {
  readonly measureSlo: MeasureSlo
  readonly instantVector: InstantVector
}

export interface CompiledCondition {
  readonly rule: ConditionRule
  readonly measure: Measure
  /** The comparison of values; undefined for conditions on absence. */
  readonly threshold: number | undefined
  /** The evaluation interval. */
  readonly everyMicros: number
}

const GRACE_MICROS = 60e6
/** The evaluation interval, unless a PromQL condition specifies another. */
const EVALUATION_MICROS = 30e6
const DEFAULT_AUTO_CLOSE_MICROS = 7 * 86_400e6

/** Prepares a validated condition for evaluation. Throws `RpcError`. */
export function compileCondition(
  condition: ConditionMessage,
  policy: AlertPolicyMessage,
  sources: ConditionSources,
): CompiledCondition {
  const { conditionThreshold: threshold, conditionAbsent: absence } = condition
  const autoClose = policy.alertStrategy?.autoClose
  const autoCloseMicros = autoClose ? timestampToMicros(autoClose) : DEFAULT_AUTO_CLOSE_MICROS
  if (threshold)
    return {
      threshold: threshold.thresholdValue,
      everyMicros: EVALUATION_MICROS,
      measure: measureOf(threshold, sources),
      rule: {
        violates: comparisonOf(threshold),
        durationMicros: microsOf(threshold.duration),
        trigger: triggerOf(threshold.trigger),
        missingData: missingDataOf(threshold),
        graceMicros: GRACE_MICROS,
        autoCloseMicros,
      },
    }
  if (absence)
    return {
      threshold: undefined,
      everyMicros: EVALUATION_MICROS,
      measure: measureOf(absence, sources),
      rule: {
        violates: undefined,
        durationMicros: microsOf(absence.duration && { ...absence.duration, nanos: 0 }),
        trigger: triggerOf(absence.trigger),
        missingData: 'noOp',
        graceMicros: GRACE_MICROS,
        autoCloseMicros,
      },
    }
  const promql = condition.conditionPrometheusQueryLanguage
  if (promql)
    return {
      threshold: undefined,
      everyMicros: microsOf(promql.evaluationInterval) || EVALUATION_MICROS,
      measure: measurePromql(promql, sources.instantVector),
      rule: {
        violates: () => true,
        durationMicros: microsOf(promql.duration),
        trigger: { count: 1 },
        // The condition is not met for series that are not in the result.
        missingData: 'inactive',
        graceMicros: 0,
        autoCloseMicros,
      },
    }
  throw new RpcError('UNIMPLEMENTED', `${condition.condition ?? 'The condition'} is not implemented by this emulator.`)
}

function measureOf(
  query: Pick<ThresholdMessage, 'filter' | 'aggregations'> & Partial<ThresholdMessage>,
  sources: ConditionSources,
): Measure {
  const slo = readSloSelector(query.filter, 'filter')
  if (slo) return sources.measureSlo(slo)
  const numerator = { filter: query.filter, aggregations: readAggregationList(query.aggregations, 'aggregations') }
  const { denominatorFilter = '', denominatorAggregations = [] } = query
  if (denominatorFilter === '') return measureFilter(sources, numerator)
  return measureFilter(sources, numerator, {
    filter: denominatorFilter,
    aggregations: readAggregationList(denominatorAggregations, 'denominator_aggregations'),
  })
}

function comparisonOf({ comparison, thresholdValue }: ThresholdMessage): (value: number) => boolean {
  return COMPARISONS[comparison] === 'COMPARISON_LT'
    ? (value) => value < thresholdValue
    : (value) => value > thresholdValue
}

function missingDataOf({ evaluationMissingData }: ThresholdMessage): MissingData {
  const name = MISSING_DATA[evaluationMissingData]
  if (name === 'EVALUATION_MISSING_DATA_INACTIVE') return 'inactive'
  return name === 'EVALUATION_MISSING_DATA_ACTIVE' ? 'active' : 'noOp'
}

function triggerOf(trigger: TriggerMessage | null | undefined): Trigger {
  return trigger?.type === 'percent' ? { percent: trigger.percent ?? 0 } : { count: trigger?.count ?? 1 }
}

function microsOf(duration: TimestampMessage | null | undefined): number {
  return duration ? timestampToMicros(duration) : 0
}
