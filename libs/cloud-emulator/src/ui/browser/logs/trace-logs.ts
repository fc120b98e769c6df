import { html, nothing, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import { plural } from '@node-to-cloud/browser-kit/format/plural'
import { formatCount, formatDurationMs } from '@node-to-cloud/browser-kit/format/value'
import type { LogEntryJson } from '../../../contract/logs.ts'
import { logRow } from './log-row.ts'

/** The entries of a trace by the span that wrote them. */
export interface TraceLogs {
  /** Oldest first. */
  readonly bySpan: ReadonlyMap<string, readonly LogEntryJson[]>
  readonly count: number
}

const MAX_LINES = 50

/** Groups the entries of a trace by span. Those of missing spans have the empty ID. */
export function logsBySpan(entries: readonly LogEntryJson[], spanIds: ReadonlySet<string>): TraceLogs {
  const bySpan = new Map<string, LogEntryJson[]>()
  for (const entry of entries.toSorted((a, b) => (a.timestamp < b.timestamp ? -1 : 1))) {
    const spanId = spanIds.has(entry.spanId ?? '') ? (entry.spanId ?? '') : ''
    const list = bySpan.get(spanId)
    if (list) list.push(entry)
    else bySpan.set(spanId, [entry])
  }
  return { bySpan, count: entries.length }
}

/** The log lines of a span, each with its time since the start of the trace. */
export function spanLogs(entries: readonly LogEntryJson[], startMs: number): TemplateResult {
  const more = entries.length - MAX_LINES
  return html`<div class="span-logs" role="group" aria-label="Log lines">
    ${entries.slice(0, MAX_LINES).map((entry) => {
      const afterMs = Math.max(0, Date.parse(entry.timestamp) - startMs)
      return logRow(entry, { timeText: `+${formatDurationMs(afterMs)}` })
    })}
    ${more > 0 ? html`<p class="muted">${formatCount(more)} more ${plural(more, 'line')}</p>` : nothing}
  </div>`
}
