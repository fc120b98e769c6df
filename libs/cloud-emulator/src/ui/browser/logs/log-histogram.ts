import { styled } from '@node-to-cloud/browser-kit/browser/styled'
import { html, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import { plural } from '@node-to-cloud/browser-kit/format/plural'
import { formatDateTime } from '@node-to-cloud/browser-kit/format/time'
import { formatCount, formatDurationMs } from '@node-to-cloud/browser-kit/format/value'
import type { LogCounts, LogList } from '../../../contract/logs.ts'

/** Starting with the least severe one, which is drawn at the bottom. */
export const SEVERITIES = [
  'DEFAULT',
  'DEBUG',
  'INFO',
  'NOTICE',
  'WARNING',
  'ERROR',
  'CRITICAL',
  'ALERT',
  'EMERGENCY',
] as const

/** Bars of entries over time by severity; a click on one zooms into its period. */
export function logHistogram(
  { startMs, stepMs, counts, total }: NonNullable<LogList['histogram']>,
  onPeriod: (startMs: number, endMs: number) => void,
): TemplateResult {
  const highest = Math.max(1, ...counts.map(sumOf))
  const most = total === 0 ? '' : `, at most ${formatCount(highest)} in ${formatDurationMs(stepMs)}`
  const bar = (count: LogCounts, index: number): TemplateResult => {
    const fromMs = startMs + index * stepMs
    const parts = severitiesOf(count)
    const said = parts.map((severity) => `${formatCount(count[severity] ?? 0)} ${severity}`).join(', ')
    const title = `${formatDateTime(fromMs)}: ${said || 'none'}`
    return html`<button
      type="button"
      class="log-bar"
      title=${title}
      aria-label=${title}
      tabindex=${parts.length > 0 ? '0' : '-1'}
      @click=${() => onPeriod(fromMs, fromMs + stepMs)}
    >
      ${parts.map((severity) => html`<span data-severity=${severity} ${styled({ height: `${((count[severity] ?? 0) / highest) * 100}%` })}></span>`)}
    </button>`
  }
  return html`<div class="tile log-histogram">
    <div class="log-bars" role="group" aria-label="Entries over time">${counts.map(bar)}</div>
    <p class="muted log-caption">${formatCount(total)} ${plural(total, 'entry', 'entries')}${most}</p>
  </div>`
}

/** The severities that occur, with the known ones in order. */
function severitiesOf(counts: LogCounts): readonly string[] {
  const known: readonly string[] = SEVERITIES
  const others = Object.keys(counts).filter((severity) => !known.includes(severity))
  return [...known.filter((severity) => counts[severity]), ...others]
}

function sumOf(counts: LogCounts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}
