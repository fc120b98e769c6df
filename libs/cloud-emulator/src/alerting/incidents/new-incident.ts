import { toJson } from '../../protos/proto-json.ts'
import type { Violation } from '../evaluation/policy-evaluation.ts'
import { type AlertPolicyMessage, conditionCodec } from '../policies/policy.ts'
import { renderDocumentation } from './documentation-template.ts'
import type { Incident } from './incident.ts'
import { openSummary, subjectOfSummary } from './incident-summary.ts'

/** The incident that a violation opens, without its ID. `metricDisplayName` may be empty. */
export function newIncident(
  { condition, seriesKey, state, threshold }: Violation,
  policy: AlertPolicyMessage,
  options: { readonly projectId: string; readonly atMicros: number; readonly metricDisplayName: string },
): Omit<Incident, 'id'> {
  const { projectId, atMicros, metricDisplayName } = options
  const { identity, value } = state
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
        displayName: metricDisplayName || identity.metricType,
        // The value of a PromQL query is a label, too.
        labels: condition.conditionPrometheusQueryLanguage
          ? { value: String(value), ...identity.metricLabels }
          : identity.metricLabels,
      },
      resource: { type: identity.resourceType, labels: identity.resourceLabels },
    })
  const about = subjectOfSummary(identity, metricDisplayName || identity.metricType || condition.displayName)
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
    summary: openSummary(about, { condition, seriesKey, state, threshold }),
    documentation: documentation ?? undefined,
  }
}
