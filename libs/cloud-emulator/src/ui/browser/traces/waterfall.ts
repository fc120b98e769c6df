import { seriesColor } from '@node-to-cloud/browser-kit/browser/chart/chart-theme'
import { formatDateTime } from '@node-to-cloud/browser-kit/format/time'
import { formatDurationMs } from '@node-to-cloud/browser-kit/format/value'
import type { Attributes, AttributeValue, Span, Trace } from '../../../contract/traces.ts'
import { el } from '../element.ts'
import { spanLogs, type TraceLogs } from '../logs/trace-logs.ts'
import { moveFocusWithArrows } from '../roving-focus.ts'
import { isError, type SpanRow, spanRows } from './span-tree.ts'

const MAX_ROWS = 2000

function valueText(value: AttributeValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function attributeTable(title: string, attributes: Attributes): HTMLElement | null {
  const entries = Object.entries(attributes)
  if (entries.length === 0) return null
  return el(
    'div',
    { class: 'attributes' },
    el('h4', {}, title),
    el(
      'dl',
      {},
      ...entries
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, value]) => el('div', {}, el('dt', {}, key), el('dd', {}, valueText(value)))),
    ),
  )
}

function spanDetail(span: Span, trace: Trace, traceLink: (traceId: string) => string): HTMLElement {
  const facts: Record<string, AttributeValue> = {
    span: span.spanId,
    ...(span.parentSpanId ? { parent: span.parentSpanId } : {}),
    kind: span.kind,
    start: formatDateTime(span.startMs),
    duration: formatDurationMs(span.durationMs),
    ...(span.status.message ? { message: span.status.message } : {}),
  }
  return el(
    'div',
    { class: 'span-detail' },
    attributeTable('Span', facts),
    attributeTable('Attributes', span.attributes),
    ...span.events.map((event) =>
      attributeTable(`Event ${event.name}, ${formatDurationMs(event.timeMs - trace.startMs)} in`, {
        time: formatDateTime(event.timeMs),
        ...event.attributes,
      }),
    ),
    span.links.length > 0
      ? el(
          'div',
          { class: 'attributes' },
          el('h4', {}, 'Links'),
          ...span.links.map((link) => el('p', {}, el('a', { href: traceLink(link.traceId) }, link.traceId))),
        )
      : null,
    attributeTable('Resource', span.resource),
  )
}

/** The spans of a trace as bars over its time; each row opens to its attributes and events. */
export function createWaterfall(
  trace: Trace,
  { traceLink, logs }: { traceLink: (traceId: string) => string; logs: TraceLogs },
): HTMLElement {
  const rows = spanRows(trace.spans)
  const services = [...new Set(trace.spans.map((span) => span.service))].sort()
  const total = trace.durationMs || 1
  const percent = (value: number): string => `${Math.min(100, Math.max(0, value * 100))}%`

  const rowElement = ({ span, depth, orphan }: SpanRow): HTMLElement => {
    const color = seriesColor(services.indexOf(span.service))
    const failed = isError(span)
    const start = (span.startMs - trace.startMs) / total
    const detail = el('div', { class: 'span-detail-host', hidden: true })
    const marks = span.events.map((event) =>
      el('span', {
        class: 'span-event',
        title: event.name,
        style: { left: percent((event.timeMs - trace.startMs) / total) },
      }),
    )
    const button = el(
      'button',
      {
        type: 'button',
        class: failed ? 'span-row span-failed' : 'span-row',
        'aria-expanded': 'false',
      },
      el(
        'span',
        { class: 'span-name', style: { '--depth': String(Math.min(depth, 12)) } },
        el('span', { class: 'swatch', style: { background: color } }),
        el('span', { class: 'span-label' }, span.name),
        el('span', { class: 'muted span-service' }, orphan ? `${span.service}, parent missing` : span.service),
      ),
      el(
        'span',
        { class: 'span-track' },
        el('span', {
          class: 'span-bar',
          style: {
            left: percent(start),
            width: `max(2px, ${percent(Math.min(span.durationMs / total, 1 - start))})`,
            background: color,
          },
        }),
        ...marks,
      ),
      el(
        'span',
        { class: 'span-duration' },
        failed ? el('span', { class: 'visually-hidden' }, 'failed, ') : '',
        failed ? el('span', { 'aria-hidden': 'true' }, '✕ ') : '',
        formatDurationMs(span.durationMs),
      ),
    )
    button.addEventListener('click', () => {
      const open = detail.hidden
      if (open && detail.childElementCount === 0) detail.append(spanDetail(span, trace, traceLink))
      detail.hidden = !open
      button.setAttribute('aria-expanded', String(open))
    })
    const lines = logs.bySpan.get(span.spanId)
    return el('div', { class: 'span-item' }, button, detail, lines ? spanLogs(lines, trace.startMs) : null)
  }

  const lost = logs.bySpan.get('')
  const list = el('div', { class: 'waterfall' }, ...rows.slice(0, MAX_ROWS).map(rowElement))
  moveFocusWithArrows(list, '.span-row')
  const ruler = el(
    'div',
    { class: 'waterfall-ruler', 'aria-hidden': 'true' },
    el('span', { class: 'span-name' }),
    el(
      'span',
      { class: 'span-track' },
      ...[0, 0.25, 0.5, 0.75, 1].map((share) =>
        el('span', { class: 'ruler-mark', style: { left: percent(share) } }, formatDurationMs(share * total)),
      ),
    ),
    el('span', { class: 'span-duration' }),
  )
  return el(
    'div',
    { class: 'waterfall-frame' },
    ruler,
    list,
    lost
      ? el(
          'div',
          { class: 'span-item' },
          el('p', { class: 'muted span-logs' }, 'Of spans that are not here'),
          spanLogs(lost, trace.startMs),
        )
      : null,
    rows.length > MAX_ROWS ? el('p', { class: 'muted' }, `${rows.length - MAX_ROWS} more spans are not shown.`) : null,
  )
}
