import type { Labels } from '../../contract/metrics.ts'
import type { RenderedDocumentation } from './incident.ts'
import { labelsText } from './labels-text.ts'
import { shortenedBytes } from './shortened-bytes.ts'

/** The values of the variables in a policy's documentation (cloud.google.com/monitoring/alerts/doc-variables). */
export interface TemplateValues {
  readonly project: string
  readonly policy: { readonly name: string; readonly displayName: string; readonly userLabels: Labels }
  readonly condition: { readonly name: string; readonly displayName: string }
  readonly metric: { readonly type: string; readonly displayName: string; readonly labels: Labels }
  readonly resource: { readonly type: string; readonly labels: Labels }
}

/** Recipients may not accept longer subjects. */
export const MAX_SUBJECT_BYTES = 255
/** The maximum length of a link, before and after its variables are replaced. */
const MAX_URL_CHARACTERS = 2083
const VARIABLE = /(\$?)\$\{([A-Za-z_][\w.-]{0,300})\}/g
const NONE = '(none)'

/**
 * Replaces the variables in a string. `$${metric.type}` becomes `${metric.type}`; an unknown variable becomes `(none)`.
 */
export function renderTemplate(text: string, values: TemplateValues): string {
  return text.replace(VARIABLE, (whole, escaped: string, name: string) =>
    escaped === '' ? variable(name, values) : whole.slice(1),
  )
}

/** The documentation of an incident: its policy's with the variables replaced. */
export function renderDocumentation(
  documentation: { content: string; mimeType: string; subject: string; links: { displayName: string; url: string }[] },
  values: TemplateValues,
): RenderedDocumentation {
  return {
    content: renderTemplate(documentation.content, values),
    mimeType: documentation.mimeType || 'text/markdown',
    subject: shortenedBytes(renderTemplate(documentation.subject, values), MAX_SUBJECT_BYTES),
    links: documentation.links
      .map(({ displayName, url }) => ({ displayName, url: renderTemplate(url, values) }))
      .filter(({ url }) => url.length <= MAX_URL_CHARACTERS),
  }
}

function variable(name: string, values: TemplateValues): string {
  const { project, policy, condition, metric, resource } = values
  const plain: Readonly<Record<string, string>> = {
    project,
    'condition.name': condition.name,
    'condition.display_name': condition.displayName,
    'policy.name': policy.name,
    'policy.display_name': policy.displayName,
    'metric.type': metric.type,
    'metric.display_name': metric.displayName,
    'resource.type': resource.type,
    'resource.project': resource.labels.project_id ?? project,
    'metric.labels': labelsText(metric.labels),
    'resource.labels': labelsText(resource.labels),
    'metric_or_resource.labels': labelsText({ ...resource.labels, ...metric.labels }),
    'policy.user_labels': labelsText(policy.userLabels),
  }
  if (Object.hasOwn(plain, name)) return plain[name] || NONE
  const label = /^(metric|resource|metric_or_resource)\.labels?\.(.+)$|^policy\.user_labels?\.(.+)$/.exec(name)
  if (label?.[3] !== undefined) return policy.userLabels[label[3]] ?? NONE
  const key = label?.[2]
  if (key !== undefined) {
    if (label?.[1] === 'metric') return metric.labels[key] ?? NONE
    if (label?.[1] === 'resource') return resource.labels[key] ?? NONE
    return metric.labels[key] ?? resource.labels[key] ?? NONE
  }
  return NONE
}
