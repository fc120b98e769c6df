import { shortened } from '../../api/shortened.ts'
import { toJson } from '../../protos/proto-json.ts'
import type { Violation } from '../evaluation/policy-evaluation.ts'
import { type AlertPolicyMessage, COMPARISONS, conditionCodec } from '../policies/policy.ts'
import { renderDocumentation } from './documentation-template.ts'
import type { Incident } from './incident.ts'

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
        labels: identity.metricLabels,
      },
      resource: { type: identity.resourceType, labels: identity.resourceLabels },
    })
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
    summary: summaryOf({ condition, seriesKey, state, threshold }, { projectId, metricDisplayName }),
    documentation: documentation ?? undefined,
  }
}

/** One sentence, as notifications begin with it. */
function summaryOf(
  { condition, state, threshold }: Violation,
  { projectId, metricDisplayName }: { projectId: string; metricDisplayName: string },
): string {
  const { metricType, metricLabels, resourceType, resourceLabels } = state.identity
  const labels = Object.entries({ ...resourceLabels, ...metricLabels }).map(([key, text]) => `${key}=${text}`)
  const what = [
    metricDisplayName || metricType || condition.displayName,
    `for ${projectId}`,
    resourceType,
    labels.length > 0 ? `labels {${labels.join(', ')}}` : '',
  ]
    .filter((part) => part !== '')
    .join(' ')
  const promql = condition.conditionPrometheusQueryLanguage
  if (promql) return `${what} has a value of ${rounded(state.value)}: ${shortened(promql.query)}`
  if (threshold === undefined) return `${what} has no data.`
  const below = COMPARISONS[condition.conditionThreshold?.comparison ?? 0] === 'COMPARISON_LT'
  return `${what} is ${below ? 'below' : 'above'} the threshold of ${threshold} with a value of ${rounded(state.value)}.`
}

export function rounded(value: number): number {
  return Number(value.toPrecision(6))
}
