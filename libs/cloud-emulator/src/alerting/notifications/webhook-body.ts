import { monitoredResourceType } from '../../monitoring/descriptors/monitored-resources.ts'
import { MAX_SUBJECT_BYTES } from '../incidents/documentation-template.ts'
import type { Incident } from '../incidents/incident.ts'
import { observedValue, resourceDisplayName, resourceText, summaryOf } from '../incidents/incident-summary.ts'
import { shortenedBytes } from '../incidents/shortened-bytes.ts'

const SEVERITIES = ['No severity', 'Critical', 'Error', 'Warning'] as const

export interface WebhookContext {
  /** The address of the incident's page. */
  readonly url: string
  readonly metricDisplayName: string
}

/** The body of a webhook, in version 1.2 of Google's format (cloud.google.com/monitoring/support/notification-options). */
export function webhookBody(incident: Incident, { url, metricDisplayName }: WebhookContext): object {
  const { resourceLabels, resourceType, closedMicros, policy, threshold } = incident
  const name = resourceDisplayName(resourceLabels)
  return {
    incident: {
      condition: incident.condition,
      condition_name: incident.conditionDisplayName,
      documentation: documentationOf(incident),
      ended_at: closedMicros === undefined ? null : Math.floor(closedMicros / 1e6),
      incident_id: incident.id,
      metadata: { system_labels: {}, user_labels: {} },
      metric: {
        displayName: metricDisplayName || incident.metricType,
        labels: incident.metricLabels,
        type: incident.metricType,
      },
      observed_value: observedValue(incident),
      policy_name: policy.displayName,
      ...(Object.keys(policy.userLabels).length > 0 ? { policy_user_labels: policy.userLabels } : {}),
      resource: { labels: resourceLabels, type: resourceType },
      ...(name === undefined ? {} : { resource_display_name: name }),
      resource_id: resourceLabels.instance_id ?? '',
      resource_name: `${incident.projectId} ${resourceText(incident)}`.trimEnd(),
      resource_type_display_name: monitoredResourceType(resourceType)?.displayName ?? resourceType,
      scoping_project_id: incident.projectId,
      scoping_project_number: projectNumber(incident.projectId),
      severity: severityOf(incident),
      started_at: Math.floor(incident.openedMicros / 1e6),
      state: closedMicros === undefined ? 'open' : 'closed',
      summary: summaryOf(incident),
      ...(threshold === undefined ? {} : { threshold_value: String(threshold) }),
      url,
    },
    version: '1.2',
  }
}

/** The policy's documentation; the subject starts with the state of the incident. */
function documentationOf(incident: Incident): object {
  const { documentation, closedMicros, policy } = incident
  const state = closedMicros === undefined ? 'ALERT' : 'RESOLVED'
  const subject = documentation?.subject || policy.displayName
  return {
    content: documentation?.content ?? '',
    mime_type: documentation?.content ? documentation.mimeType : '',
    subject: shortenedBytes(`[${state} - ${severityOf(incident)}] ${subject}`, MAX_SUBJECT_BYTES),
    ...(documentation && documentation.links.length > 0 ? { links: documentation.links } : {}),
  }
}

function severityOf({ policy }: Incident): string {
  return SEVERITIES[policy.severity] ?? SEVERITIES[0]
}

/** The body that the test button sends, in the same format as Google's console. */
export function testBody(projectId: string, url: string): object {
  return {
    version: 'test',
    incident: {
      incident_id: '12345',
      scoping_project_id: projectId,
      scoping_project_number: projectNumber(projectId),
      url,
      started_at: 0,
      ended_at: 0,
      state: 'OPEN',
      summary: 'Test Incident',
      apigee_url: url,
      observed_value: '1.0',
      resource: { type: 'example_resource', labels: { example: 'label' } },
      resource_type_display_name: 'Example Resource Type',
      resource_id: '12345',
      resource_display_name: 'Example Resource',
      resource_name: `projects/${projectId}/example_resources/12345`,
      metric: { type: 'test.googleapis.com/metric', displayName: 'Test Metric', labels: { example: 'label' } },
      metadata: { system_labels: { example: 'label' }, user_labels: { example: 'label' } },
      policy_name: `projects/${projectId}/alertPolicies/12345`,
      policy_user_labels: { example: 'label' },
      documentation: 'Test documentation',
      condition: {
        name: `projects/${projectId}/alertPolicies/12345/conditions/12345`,
        displayName: 'Example condition',
        conditionThreshold: {
          filter: 'metric.type="test.googleapis.com/metric" resource.type="example_resource"',
          comparison: 'COMPARISON_GT',
          thresholdValue: 0.5,
          duration: '0s',
          trigger: { count: 1 },
        },
      },
      condition_name: 'Example condition',
      threshold_value: '0.5',
    },
  }
}

/** Projects also have numbers; here the number is derived from the ID. */
function projectNumber(projectId: string): number {
  let value = 7
  for (const character of projectId) value = (value * 31 + character.charCodeAt(0)) % 999_999_999_989
  return value
}
