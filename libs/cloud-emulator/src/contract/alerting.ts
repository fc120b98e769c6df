import type { Aggregation } from './dashboard.ts'
import type { Labels } from './metrics.ts'

/** The state of a policy. */
export type PolicyStateName = 'disabled' | 'firing' | 'invalid' | 'matchesNothing' | 'noData' | 'pending' | 'quiet'

export type NotificationEvent = 'opened' | 'closed' | 'reminder' | 'test' | 'verification'

/** `recorded` is for channels whose notifications are not sent, such as email. */
export type NotificationOutcome = 'sending' | 'sent' | 'failed' | 'recorded'

/** `GET /api/alerting`: the policies of a project, their incidents and notifications. */
export interface AlertingView {
  /** Newest first; open ones before closed ones. */
  readonly incidents: readonly IncidentView[]
  readonly policies: readonly PolicyView[]
  readonly channels: readonly ChannelView[]
  /** Newest first. */
  readonly notifications: readonly NotificationView[]
  readonly snoozes: readonly SnoozeView[]
  readonly uptimeChecks: readonly UptimeCheckView[]
}

export interface IncidentView {
  readonly id: string
  /** The resource name of its policy. */
  readonly policy: string
  readonly policyName: string
  readonly conditionName: string
  /** `CRITICAL`, `ERROR`, `WARNING`, or empty. */
  readonly severity: string
  readonly openedMs: number
  /** Undefined while it is open. */
  readonly closedMs?: number
  readonly closeReason?: string
  /** One sentence, with the units of its numbers. */
  readonly summary: string
  readonly value: number
  readonly threshold?: number
  /** The unit of value and threshold. */
  readonly unit: string
  readonly metricType: string
  readonly metricLabels: Labels
  readonly resourceType: string
  readonly resourceLabels: Labels
  readonly documentation?: {
    readonly subject: string
    readonly content: string
    readonly links: readonly { readonly displayName: string; readonly url: string }[]
  }
}

export interface PolicyView {
  readonly name: string
  readonly displayName: string
  readonly severity: string
  readonly state: PolicyStateName
  /** Its problem; empty if there is none. */
  readonly says: string
  readonly openIncidents: number
  readonly channels: number
  readonly evaluatedMs?: number
  readonly conditions: readonly ConditionView[]
}

export interface ConditionView {
  readonly displayName: string
  /** Such as `above 500 ms for 5 min`. */
  readonly rule: string
  readonly filter: string
  /** How many stored series the filter selects. */
  readonly selected: number
}

export interface ChannelView {
  readonly name: string
  readonly type: string
  readonly displayName: string
  readonly enabled: boolean
  readonly verified: boolean
  /** Its address, without secrets. */
  readonly target: string
  readonly policies: number
}

export interface NotificationView {
  readonly id: number
  readonly timeMs: number
  readonly channel: string
  readonly event: NotificationEvent
  readonly text: string
  readonly outcome: NotificationOutcome
  readonly detail: string
  readonly attempts: number
}

export interface SnoozeView {
  readonly name: string
  readonly displayName: string
  readonly startMs: number
  readonly endMs: number
  readonly policies: readonly string[]
}

export interface UptimeCheckView {
  readonly name: string
  readonly displayName: string
  readonly target: string
  /** Undefined if it has not run yet, or can't run. */
  readonly passed?: boolean
  readonly problem: string
  /** Which of its features are not implemented; empty if there are none. */
  readonly notDone: string
  readonly latencyMs?: number
  readonly checkedMs?: number
}

/** The parts of `google.monitoring.v3.AlertPolicy`, in JSON, that its chart needs. */
export interface AlertPolicy {
  readonly displayName?: string
  readonly conditions?: readonly {
    readonly displayName?: string
    readonly conditionThreshold?: AlertQuery & { readonly comparison?: string; readonly thresholdValue?: number }
    readonly conditionAbsent?: AlertQuery
  }[]
}

/** The query of a condition. */
export interface AlertQuery {
  readonly filter?: string
  readonly aggregations?: readonly Aggregation[]
  readonly denominatorFilter?: string
  readonly denominatorAggregations?: readonly Aggregation[]
}

/** The response of `POST /api/alerting/test-policy`: when a policy would have fired. */
export interface PolicyTestAnswer {
  /** Oldest first. */
  readonly incidents: readonly IncidentView[]
  readonly startMs: number
  readonly endMs: number
  readonly evaluations: number
  /** How many stored series each condition selects. */
  readonly selected: readonly number[]
}
