import { html, nothing, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import { formatDateTime } from '@node-to-cloud/browser-kit/format/time'
import { formatDurationMs } from '@node-to-cloud/browser-kit/format/value'
import type { Attributes, AttributeValue, Span, Trace } from '../../../contract/traces.ts'

function valueText(value: AttributeValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function attributesView(title: string, attributes: Attributes): TemplateResult | typeof nothing {
  const entries = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1))
  if (entries.length === 0) return nothing
  return html`<div class="attributes">
    <h3>${title}</h3>
    <dl>${entries.map(([key, value]) => html`<div><dt>${key}</dt><dd>${valueText(value)}</dd></div>`)}</dl>
  </div>`
}

/** All details of a span. */
export function spanDetail(span: Span, trace: Trace, traceLink: (traceId: string) => string): TemplateResult {
  const facts: Attributes = {
    span: span.spanId,
    ...(span.parentSpanId ? { parent: span.parentSpanId } : {}),
    kind: span.kind,
    start: formatDateTime(span.startMs),
    duration: formatDurationMs(span.durationMs),
    ...(span.status.message ? { message: span.status.message } : {}),
  }
  const links = span.links.map(({ traceId }) => html`<p><a href=${traceLink(traceId)}>${traceId}</a></p>`)
  return html`<div class="span-detail">
    ${attributesView('Span', facts)} ${attributesView('Attributes', span.attributes)}
    ${span.events.map((event) =>
      attributesView(`Event ${event.name}, ${formatDurationMs(event.timeMs - trace.startMs)} in`, {
        time: formatDateTime(event.timeMs),
        ...event.attributes,
      }),
    )}
    ${links.length === 0 ? nothing : html`<div class="attributes"><h3>Links</h3>${links}</div>`}
    ${attributesView('Resource', span.resource)}
  </div>`
}
