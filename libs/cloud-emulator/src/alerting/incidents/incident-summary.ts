import { shortened } from '../../api/shortened.ts'
import type { Labels } from '../../contract/metrics.ts'
import { monitoredResourceType } from '../../monitoring/descriptors/monitored-resources.ts'
import type { MeasuredIdentity } from '../evaluation/measurement.ts'
import type { Violation } from '../evaluation/policy-evaluation.ts'
import { COMPARISONS } from '../policies/policy.ts'
import type { Incident } from './incident.ts'
import { labelsText } from './labels-text.ts'

const CANCELLED =
  'Incident cancelled because the alert policy condition was deleted or modified while incident was active.'
/** Labels that distinguish resources of the same type. */
const NAMING = ['pod_name', 'container_name', 'instance_id', 'task_id', 'node_id', 'instance', 'host'] as const

/** The beginning of a summary: `CPU utilization for my-project web-1 with metric labels {state=busy}`. */
export function subjectOfSummary({ metricLabels, ...resource }: MeasuredIdentity, metricName: string): string {
  const { project_id: projectId } = resource.resourceLabels
  const labels = labelsText(metricLabels)
  return [
    metricName,
    projectId === undefined ? '' : `for ${projectId} ${resourceText(resource)}`.trimEnd(),
    labels === '' ? '' : `with metric labels ${labels}`,
  ]
    .filter((part) => part !== '')
    .join(' ')
}

/** One sentence about a new incident; numbers in notifications have three decimals. */
export function openSummary(
  about: string,
  { condition, state, threshold }: Violation,
  textOf: (value: number) => string = valueText,
): string {
  const promql = condition.conditionPrometheusQueryLanguage
  if (promql) return `${about} has a value of ${textOf(state.value)}: ${shortened(promql.query)}`
  if (threshold === undefined) return `${about} has no data.`
  const below = COMPARISONS[condition.conditionThreshold?.comparison ?? 0] === 'COMPARISON_LT'
  return `${about} is ${below ? 'below' : 'above'} the threshold of ${textOf(threshold)} with a value of ${textOf(state.value)}.`
}

/** The sentence in a notification; for a closed incident it says how the incident ended. */
export function summaryOf(incident: Incident): string {
  if (incident.closedMicros === undefined) return incident.summary
  return `${incident.about} returned to normal with a value of ${observedValue(incident)}.`
}

/** The newest value, or why there is none. */
export function observedValue({ closeReason, value }: Incident): string {
  return closeReason === 'policy changed' ? CANCELLED : valueText(value)
}

/** The name of a resource from one of its labels; undefined if no label names it. */
export function resourceDisplayName(labels: Labels): string | undefined {
  const key = NAMING.find((one) => labels[one])
  return key === undefined ? undefined : labels[key]
}

/** Describes a resource by its name, or by its type and labels. */
export function resourceText({
  resourceType,
  resourceLabels,
}: Omit<MeasuredIdentity, 'metricType' | 'metricLabels'>): string {
  const name = resourceDisplayName(resourceLabels)
  if (name !== undefined) return name
  const labels = labelsText(resourceLabels)
  return labels === '' ? '' : `${monitoredResourceType(resourceType)?.displayName ?? resourceType} labels ${labels}`
}

function valueText(value: number): string {
  return value.toFixed(3)
}
