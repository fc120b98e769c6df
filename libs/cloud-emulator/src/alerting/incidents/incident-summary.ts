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
/** Labels that tell one resource from another of its type. */
const NAMING = ['pod_name', 'container_name', 'instance_id', 'task_id', 'node_id', 'instance', 'host'] as const

/** What a summary begins with: `CPU utilization for my-project web-1 with metric labels {state=busy}`. */
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

/** One sentence about an incident that opens; notifications have numbers with three decimals. */
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

/** The sentence that a notification has: of an incident that is closed, how it ended. */
export function summaryOf(incident: Incident): string {
  if (incident.closedMicros === undefined) return incident.summary
  return `${incident.about} returned to normal with a value of ${observedValue(incident)}.`
}

/** The newest value, or why there is none any more. */
export function observedValue({ closeReason, value }: Incident): string {
  return closeReason === 'policy changed' ? CANCELLED : valueText(value)
}

/** What a resource is called by one of its labels; undefined if it has none that names it. */
export function resourceDisplayName(labels: Labels): string | undefined {
  const key = NAMING.find((one) => labels[one])
  return key === undefined ? undefined : labels[key]
}

/** A resource by its name, or by its type and labels. */
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
