import { html, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import { formatClock } from '@node-to-cloud/browser-kit/format/time'
import type { LogLine } from '../../../contract/api.ts'
import type { RunReport } from '../../../contract/run-report.ts'

/** Events of the run, and the log of master and workers, newest first. */
export function eventsView(run: RunReport | undefined, log: readonly LogLine[]): TemplateResult {
  return html`<div class="stack">
    ${linesView('Events of the run', run?.events ?? [])} ${linesView('Log of master and workers', log)}
  </div>`
}

function linesView(title: string, lines: readonly LogLine[]): TemplateResult {
  const line = ({ atMs, text, worker }: LogLine): TemplateResult =>
    html`<li>
      <time datetime=${new Date(atMs).toISOString()}>${formatClock(atMs)}</time>
      <span>${worker === undefined ? text : `${worker}: ${text}`}</span>
    </li>`
  return html`<section class="card">
    <h2>${title}</h2>
    <ul class="log">${lines.length === 0 ? html`<li class="empty">Nothing yet.</li>` : lines.toReversed().map(line)}</ul>
  </section>`
}
