import { formatAgo, formatDateTime } from '@node-to-cloud/browser-kit/format/time'
import type { IncidentView } from '../../../../../contract/alerting.ts'
import { el } from '../../../element.ts'
import { createText } from '../text-widget.ts'

function timesText({ openedMs, closedMs, closeReason }: IncidentView, nowMs: number): string {
  if (closedMs === undefined) return `since ${formatAgo(openedMs, nowMs)}`
  const minutes = Math.max(1, Math.round((closedMs - openedMs) / 60_000))
  return `${minutes} min, closed ${formatAgo(closedMs, nowMs)}${closeReason === undefined ? '' : `: ${closeReason}`}`
}

/** An incident as one line that opens: what its policy's documentation says, and which series it is about. */
export function incidentDetails(incident: IncidentView, nowMs: number): HTMLDetailsElement {
  const { id, severity, documentation, metricLabels, resourceLabels, closedMs } = incident
  const labels = Object.entries({ ...resourceLabels, ...metricLabels })
  const state = closedMs === undefined ? 'open' : 'closed'
  return el(
    'details',
    { class: 'alert-row incident', 'data-state': state, 'data-incident': id },
    el(
      'summary',
      {},
      el('span', { class: 'policy-state', 'data-state': state }, closedMs === undefined ? 'Open' : 'Closed'),
      el('span', { class: 'alert-subject' }, documentation?.subject || incident.policyName),
      el('span', { class: 'muted alert-note' }, timesText(incident, nowMs)),
      severity === '' ? null : el('span', { class: 'severity', 'data-severity': severity }, severity),
    ),
    el(
      'div',
      { class: 'alert-detail' },
      el('p', {}, incident.summary),
      el(
        'p',
        { class: 'muted' },
        `${incident.policyName} · ${incident.conditionName} · opened ${formatDateTime(incident.openedMs)} · ${id}`,
      ),
      labels.length === 0
        ? null
        : el(
            'div',
            { class: 'chips' },
            ...labels.map(([key, value]) => el('span', { class: 'chip' }, `${key}=${value}`)),
          ),
      documentation ? createText({ content: documentation.content }).body : null,
      ...(documentation?.links ?? []).map(({ displayName, url }) =>
        /^https?:/.test(url)
          ? el('p', {}, el('a', { href: url, target: '_blank', rel: 'noreferrer noopener' }, displayName))
          : el('p', {}, `${displayName}: ${url}`),
      ),
    ),
  )
}
