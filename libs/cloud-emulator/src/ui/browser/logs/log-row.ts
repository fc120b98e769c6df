import type { LogEntryJson } from '../../../contract/logs.ts'
import { el } from '../element.ts'
import { copy } from '../empty-state.ts'
import { entrySource, entryText, entryTrace } from './entry-text.ts'

/** An entry as a row that opens to its JSON. `traceLink` is the address of a trace; without it there is no link. */
export function logRow(entry: LogEntryJson, traceLink?: (traceId: string) => string): HTMLElement {
  const severity = entry.severity ?? 'DEFAULT'
  const traceId = entryTrace(entry)
  const detail = el('div', { class: 'log-detail' })
  const row = el(
    'details',
    { class: 'log-row', 'data-severity': severity },
    el(
      'summary',
      {},
      el('span', { class: 'log-time', title: entry.timestamp }, clockOf(entry.timestamp)),
      el('span', { class: 'log-severity' }, severity),
      el('span', { class: 'log-source' }, entrySource(entry)),
      el('span', { class: 'log-text' }, entryText(entry)),
    ),
    detail,
  )
  row.addEventListener('toggle', () => {
    if (!row.open || detail.childElementCount > 0) return
    const json = JSON.stringify(entry, null, 2)
    const button = el('button', { type: 'button', class: 'button button-small' }, 'Copy')
    button.addEventListener('click', () => void copy(json, button))
    detail.append(
      el(
        'div',
        { class: 'log-actions' },
        traceId !== undefined && traceLink
          ? el('a', { class: 'log-trace', href: traceLink(traceId) }, 'Trace of this entry')
          : null,
        button,
      ),
      el('pre', { class: 'json' }, json),
    )
  })
  return row
}

/** The time of day with milliseconds, in the reader's time zone. */
function clockOf(timestamp: string): string {
  const time = new Date(timestamp)
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${String(time.getMilliseconds()).padStart(3, '0')}`
}
