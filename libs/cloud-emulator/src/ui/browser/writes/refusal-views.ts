import { styled } from '@node-to-cloud/browser-kit/browser/styled'
import { html, nothing, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import { formatAgo, formatNearMoment } from '@node-to-cloud/browser-kit/format/time'
import { formatCount } from '@node-to-cloud/browser-kit/format/value'
import type { Labels } from '../../../contract/metrics.ts'
import type { Refusal, RefusalCount, RefusalList } from '../../../contract/refusals.ts'
import { reasonTitle } from './reason-titles.ts'

function labelChips(labels: Labels | undefined, kind: string): readonly TemplateResult[] {
  return Object.entries(labels ?? {}).map(
    ([key, value]) => html`<span class="chip" title="${kind} label">${key}=${value}</span>`,
  )
}

/** A rejection as a line that expands to the rejected data. */
export function refusalView(refusal: Refusal, nowMs: number): TemplateResult {
  const { timeMs, status, code, message, metricKind, valueType, resourceType, point } = refusal
  const subject =
    refusal.metricType ?? refusal.subject ?? (refusal.span === undefined ? '(unnamed)' : `span ${refusal.span}`)
  return html`<details class="refusal" name="refusal">
    <summary>
      <span class="refusal-time">${formatNearMoment(timeMs, nowMs)}</span>
      <span class="code-badge">${status || String(code)}</span>
      <span class="refusal-subject" title=${subject}>${subject}</span>
      <span class="refusal-message" title=${message}>${message}</span>
    </summary>
    <div class="refusal-detail">
      <p class="refusal-full">${message}</p>
      <div class="chips">
        <span class="chip">${reasonTitle(refusal.reason)}</span>
        ${metricKind ? html`<span class="chip">${metricKind} ${valueType ?? ''}</span>` : nothing}
        ${resourceType ? html`<span class="chip">${resourceType}</span>` : nothing}
        ${labelChips(refusal.metricLabels, 'metric')} ${labelChips(refusal.resourceLabels, 'resource')}
      </div>
      ${point === undefined ? nothing : html`<pre class="json">${JSON.stringify(point, null, 2)}</pre>`}
    </div>
  </details>`
}

/** The reasons of all rejections, each with a button that filters by it. */
export function reasonsView(
  { byReason, refusals }: RefusalList,
  options: { readonly chosen: string; readonly nowMs: number; readonly onChoose: (reason: string) => void },
): TemplateResult {
  const { chosen, nowMs, onChoose } = options
  const largest = Math.max(1, ...byReason.map(({ points }) => points))
  const button = ({ reason, status, code, points, lastMs }: RefusalCount): TemplateResult => {
    const example = refusals.find((one) => one.reason === reason)?.message ?? ''
    return html`<button
      type="button"
      class="reason"
      aria-pressed=${String(reason === chosen)}
      @click=${() => onChoose(reason === chosen ? '' : reason)}
    >
      <span class="code-badge">${status || String(code)}</span>
      <span class="reason-text"
        ><strong title=${reason}>${reasonTitle(reason)}</strong>
        <span class="muted" title=${example}>${example}</span></span
      >
      <span class="reason-bar" ${styled({ '--share': `${(points / largest) * 100}%` })}></span>
      <span class="reason-count">${formatCount(points)}</span>
      <span class="muted reason-last">${formatAgo(lastMs, nowMs)}</span>
    </button>`
  }
  return html`<div class="reasons">${byReason.map(button)}</div>`
}
