import { formatExactValue } from '@node-to-cloud/browser-kit/format/value'
import type { MetricDescriptor } from '../../monitoring/model/metric-descriptor.ts'
import { toJson } from '../../protos/proto-json.ts'
import type { Violation } from '../evaluation/policy-evaluation.ts'
import { shownConditionUnit } from '../policies/condition-unit.ts'
import { type AlertPolicyMessage, conditionCodec } from '../policies/policy.ts'
import { renderDocumentation } from './documentation-template.ts'
import type { Incident } from './incident.ts'
import { openSummary, subjectOfSummary } from './incident-summary.ts'

/** What is known about a metric. */
export type KnownMetric = Pick<MetricDescriptor, 'displayName' | 'unit'>

/** Creates the incident for a violation, without an ID. */
export function newIncident(
  { condition, seriesKey, state, threshold }: Violation,
  policy: AlertPolicyMessage,
  options: {
    readonly projectId: string
    readonly atMicros: number
    readonly metric: (type: string) => KnownMetric | undefined
  },
): Omit<Incident, 'id'> {
  const { projectId, atMicros, metric } = options
  const { identity, value } = state
  const metricDisplayName = metric(identity.metricType)?.displayName || identity.metricType
  const snapshot = {
    name: policy.name,
    displayName: policy.displayName,
    userLabels: policy.userLabels,
    severity: policy.severity,
  }
  const documentation =
    policy.documentation &&
    renderDocumentation(policy.documentation, {
      project: projectId,
      policy: snapshot,
      condition,
      metric: {
        type: identity.metricType,
        displayName: metricDisplayName,
        // The value of a PromQL query is also a label.
        labels: condition.conditionPrometheusQueryLanguage
          ? { value: String(value), ...identity.metricLabels }
          : identity.metricLabels,
      },
      resource: { type: identity.resourceType, labels: identity.resourceLabels },
    })
  const about = subjectOfSummary(identity, metricDisplayName || condition.displayName)
  const violation = { condition, seriesKey, state, threshold }
  const unit = shownConditionUnit(condition, metric)
  return {
    projectId,
    policy: snapshot,
    conditionName: condition.name,
    conditionDisplayName: condition.displayName,
    condition: toJson(conditionCodec.type, condition),
    seriesKey,
    ...identity,
    threshold,
    openedMicros: atMicros,
    value,
    closedMicros: undefined,
    closeReason: undefined,
    about,
    summary: openSummary(about, violation),
    summaryWithUnits: openSummary(about, violation, (number) => formatExactValue(number, unit)),
    unit,
    documentation: documentation ?? undefined,
  }
}
