import type { AggregationMessage } from '../../monitoring/aggregation/aggregation.ts'
import { messageCodec } from '../../protos/registry.ts'
import type { TimestampMessage } from '../../protos/timestamp.ts'
import type { BoolValueMessage, MutationRecordMessage } from '../resources/messages.ts'

/** `google.monitoring.v3.AlertPolicy`. */
export interface AlertPolicyMessage {
  name: string
  displayName: string
  documentation?: DocumentationMessage | null
  userLabels: Record<string, string>
  conditions: ConditionMessage[]
  combiner: number
  enabled?: BoolValueMessage | null
  validity?: { code: number; message: string } | null
  notificationChannels: string[]
  creationRecord?: MutationRecordMessage | null
  mutationRecord?: MutationRecordMessage | null
  alertStrategy?: AlertStrategyMessage | null
  severity: number
}

export interface DocumentationMessage {
  content: string
  mimeType: string
  subject: string
  links: { displayName: string; url: string }[]
}

/** The kinds of conditions: the members of the oneof. */
export type ConditionKind =
  | 'conditionThreshold'
  | 'conditionAbsent'
  | 'conditionMatchedLog'
  | 'conditionMonitoringQueryLanguage'
  | 'conditionPrometheusQueryLanguage'
  | 'conditionSql'

export interface ConditionMessage {
  name: string
  displayName: string
  condition?: ConditionKind
  conditionThreshold?: ThresholdMessage | null
  conditionAbsent?: AbsenceMessage | null
  conditionPrometheusQueryLanguage?: PromqlConditionMessage | null
}

export interface TriggerMessage {
  type?: 'count' | 'percent'
  count?: number
  percent?: number
}

export interface ThresholdMessage {
  filter: string
  aggregations: AggregationMessage[]
  denominatorFilter: string
  denominatorAggregations: AggregationMessage[]
  forecastOptions?: object | null
  comparison: number
  thresholdValue: number
  duration?: TimestampMessage | null
  trigger?: TriggerMessage | null
  evaluationMissingData: number
}

export interface AbsenceMessage {
  filter: string
  aggregations: AggregationMessage[]
  duration?: TimestampMessage | null
  trigger?: TriggerMessage | null
}

export interface PromqlConditionMessage {
  query: string
  duration?: TimestampMessage | null
  evaluationInterval?: TimestampMessage | null
  labels: Record<string, string>
  ruleGroup: string
  alertRule: string
  disableMetricValidation: boolean
}

export interface AlertStrategyMessage {
  notificationRateLimit?: { period?: TimestampMessage | null } | null
  notificationPrompts: number[]
  autoClose?: TimestampMessage | null
  notificationChannelStrategy: {
    notificationChannelNames: string[]
    renotifyInterval?: TimestampMessage | null
  }[]
}

/** `AlertPolicy.ConditionCombinerType` by number. */
export const COMBINERS = ['COMBINE_UNSPECIFIED', 'AND', 'OR', 'AND_WITH_MATCHING_RESOURCE'] as const
export type Combiner = (typeof COMBINERS)[number]

/** `google.monitoring.v3.ComparisonType` by number. */
export const COMPARISONS = [
  'COMPARISON_UNSPECIFIED',
  'COMPARISON_GT',
  'COMPARISON_GE',
  'COMPARISON_LT',
  'COMPARISON_LE',
  'COMPARISON_EQ',
  'COMPARISON_NE',
] as const

/** `AlertPolicy.Severity` by number. */
export const SEVERITIES = ['SEVERITY_UNSPECIFIED', 'CRITICAL', 'ERROR', 'WARNING'] as const

/** `Condition.EvaluationMissingData` by number. */
export const MISSING_DATA = [
  'EVALUATION_MISSING_DATA_UNSPECIFIED',
  'EVALUATION_MISSING_DATA_INACTIVE',
  'EVALUATION_MISSING_DATA_ACTIVE',
  'EVALUATION_MISSING_DATA_NO_OP',
] as const

/** `AlertStrategy.NotificationPrompt` by name. */
export const PROMPTS = { OPENED: 1, CLOSED: 3 } as const

export const alertPolicyCodec = messageCodec<AlertPolicyMessage>('google.monitoring.v3.AlertPolicy')
export const conditionCodec = messageCodec<ConditionMessage>('google.monitoring.v3.AlertPolicy.Condition')

/** A policy is enabled unless it says otherwise. */
export function isEnabled({ enabled }: { enabled?: BoolValueMessage | null }): boolean {
  return enabled?.value ?? true
}

/** A copy with some fields replaced, in the form of decoded messages. */
export function copyPolicy(policy: AlertPolicyMessage, changes: Partial<AlertPolicyMessage>): AlertPolicyMessage {
  const copy = alertPolicyCodec.type.create({ ...policy, ...changes }) as object as AlertPolicyMessage
  return alertPolicyCodec.decode(alertPolicyCodec.encode(copy))
}
