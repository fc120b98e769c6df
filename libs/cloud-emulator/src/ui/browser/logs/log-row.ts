import { html, nothing, render, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import { formatDateTime } from '@node-to-cloud/browser-kit/format/time'
import type { LogEntryJson } from '../../../contract/logs.ts'
import { copyButton } from '../empty-state.ts'
import { entrySource, entryText, entryTrace } from './entry-text.ts'

/** Options of a row. */
export interface LogRowOptions {
  /** The address of a trace; without it there is no link. */
  readonly traceLink?: (traceId: string) => string
  /** Shown instead of the time of day. */
  readonly timeText?: string
}

/** An entry as a row that expands to its JSON. */
export function logRow(entry: LogEntryJson, { traceLink, timeText }: LogRowOptions = {}): TemplateResult {
  const severity = entry.severity ?? 'DEFAULT'
  const clock = timeText ?? formatDateTime(Date.parse(entry.timestamp)).slice(11)
  const open = ({ currentTarget }: Event): void => {
    if (!(currentTarget instanceof HTMLDetailsElement) || !currentTarget.open) return
    const host = currentTarget.querySelector<HTMLElement>('.log-detail')
    if (host !== null) render(detailView(entry, traceLink), host)
  }
  // No spaces between elements, so that screen readers and tests get only the text.
  return html`<details class="log-row" data-severity=${severity} @toggle=${open}>
    <summary><span class="log-time" title=${entry.timestamp}>${clock}</span><span class="log-severity">${severity}</span><span class="log-source" title=${entrySource(entry)}>${entrySource(entry)}</span><span class="log-text">${entryText(entry)}</span></summary>
    <div class="log-detail"></div>
  </details>`
}

/** A unique key of an entry. */
export function logKey({ logName, insertId, timestamp }: LogEntryJson): string {
  return `${timestamp} ${insertId} ${logName}`
}

function detailView(entry: LogEntryJson, traceLink: LogRowOptions['traceLink']): TemplateResult {
  const json = JSON.stringify(entry, null, 2)
  const traceId = entryTrace(entry)
  const link =
    traceId !== undefined && traceLink
      ? html`<a class="log-trace" href=${traceLink(traceId)}>Trace of this entry</a>`
      : nothing
  return html`<div class="log-actions">${link} ${copyButton(() => json, 'button-small')}</div>
    <pre class="json">${json}</pre>`
}
