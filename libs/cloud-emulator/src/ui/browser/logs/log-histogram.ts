import { formatDateTime } from '@node-to-cloud/browser-kit/format/time'
import { formatCount } from '@node-to-cloud/browser-kit/format/value'
import type { LogCounts, LogList } from '../../../contract/logs.ts'
import { el } from '../element.ts'

/** From the least severe one, which is drawn at the bottom. */
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

/** Bars of entries over time by severity; a click on one leads to its period. */
export function createLogHistogram(onPeriod: (startMs: number, endMs: number) => void): {
  readonly element: HTMLElement
  update(histogram: NonNullable<LogList['histogram']>): void
} {
  const bars = el('div', { class: 'log-bars', role: 'group', 'aria-label': 'Entries over time' })
  const caption = el('p', { class: 'muted log-caption' })
  let drawn = ''
  return {
    element: el('div', { class: 'tile log-histogram' }, bars, caption),
    update(histogram) {
      const key = JSON.stringify(histogram)
      if (key === drawn) return
      drawn = key
      const { startMs, stepMs, counts, total } = histogram
      const highest = Math.max(1, ...counts.map(sumOf))
      bars.replaceChildren(
        ...counts.map((count, index) => bar(count, { startMs: startMs + index * stepMs, stepMs, highest, onPeriod })),
      )
      const most = total === 0 ? '' : `, at most ${formatCount(highest)} in ${Math.round(stepMs / 100) / 10} s`
      caption.textContent = `${formatCount(total)} ${total === 1 ? 'entry' : 'entries'}${most}`
    },
  }
}

function bar(
  counts: LogCounts,
  {
    startMs,
    stepMs,
    highest,
    onPeriod,
  }: { startMs: number; stepMs: number; highest: number; onPeriod: (startMs: number, endMs: number) => void },
): HTMLElement {
  const known = SEVERITIES.filter((severity) => counts[severity])
  const others = Object.keys(counts).filter((severity) => !known.some((one) => one === severity))
  const parts = [...known, ...others]
  const title = `${formatDateTime(startMs)}: ${parts.map((severity) => `${formatCount(counts[severity] ?? 0)} ${severity}`).join(', ') || 'none'}`
  return el(
    'button',
    {
      type: 'button',
      class: 'log-bar',
      title,
      'aria-label': title,
      tabindex: parts.length > 0 ? '0' : '-1',
      onclick: () => onPeriod(startMs, startMs + stepMs),
    },
    ...parts.map((severity) =>
      el('span', { 'data-severity': severity, style: { height: `${((counts[severity] ?? 0) / highest) * 100}%` } }),
    ),
  )
}

function sumOf(counts: LogCounts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}
