import { html, nothing, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import { formatDuration } from '@node-to-cloud/browser-kit/format/duration'
import { formatAgo, formatMoment } from '@node-to-cloud/browser-kit/format/time'
import type { IncidentView } from '../../../../../contract/alerting.ts'
import { textView } from '../text-widget.ts'

function timesText({ openedMs, closedMs, closeReason }: IncidentView, nowMs: number): string {
  if (closedMs === undefined) return `opened ${formatAgo(openedMs, nowMs)}`
  return `${formatDuration((closedMs - openedMs) / 1000)}, closed ${formatAgo(closedMs, nowMs)}${closeReason === undefined ? '' : `: ${closeReason}`}`
}

/**
 * An incident as one line that expands to its policy's documentation and its series. With `open` it is initially
 * expanded.
 */
export function incidentDetails(
  incident: IncidentView,
  { nowMs, open = false }: { readonly nowMs: number; readonly open?: boolean },
): TemplateResult {
  const { id, severity, documentation, closedMs } = incident
  const state = closedMs === undefined ? 'open' : 'closed'
  const subject = documentation?.subject || incident.policyName
  const times = timesText(incident, nowMs)
  // No spaces between elements, so that screen readers and tests get only the text.
  return html`<details class="alert-row incident" data-state=${state} data-incident=${id} ?open=${open}>
    <summary><span class="policy-state" data-state=${state}>${closedMs === undefined ? 'Open' : 'Closed'}</span><span class="alert-subject" title=${subject}>${subject}</span><span class="muted alert-note" title=${times}>${times}</span>${severity === '' ? nothing : html`<span class="severity" data-severity=${severity}>${severity}</span>`}</summary>
    ${detailView(incident)}
  </details>`
}

function detailView({
  id,
  summary,
  policyName,
  conditionName,
  openedMs,
  documentation,
  ...of
}: IncidentView): TemplateResult {
  const labels = Object.entries({ ...of.resourceLabels, ...of.metricLabels })
  const chips = labels.map(([key, value]) => html`<span class="chip">${key}=${value}</span>`)
  const links = (documentation?.links ?? []).map(({ displayName, url }) =>
    /^https?:/.test(url)
      ? html`<p><a href=${url} target="_blank" rel="noreferrer noopener">${displayName}</a></p>`
      : html`<p>${displayName}: ${url}</p>`,
  )
  return html`<div class="alert-detail">
    <p>${summary}</p>
    <p class="muted">${policyName} · ${conditionName} · opened ${formatMoment(openedMs)} · ${id}</p>
    ${chips.length === 0 ? nothing : html`<div class="chips">${chips}</div>`}
    ${documentation ? html`<div class="widget-text">${textView({ content: documentation.content })}</div>` : nothing} ${links}
  </div>`
}
