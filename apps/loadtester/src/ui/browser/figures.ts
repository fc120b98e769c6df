import { html, nothing, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import { plural } from '@node-to-cloud/browser-kit/format/plural'
import { formatCount, formatDurationMs, formatPercent, formatRate } from '@node-to-cloud/browser-kit/format/value'
import { measured } from '../../contract/measured.ts'
import type { RunReport } from '../../contract/run-report.ts'

/** Key figures and warnings. */
export function figuresView(run: RunReport): TemplateResult {
  const live = run.endedMs === undefined
  const last = live ? run.timeline.at(-1) : undefined
  const failed = run.requests === 0 ? 0 : run.failures / run.requests
  const latencyMs = live ? run.currentLatencyMs : run.latencyMs
  const note = live ? 'last 5 s' : ''
  const isOpen = run.model === 'open'
  return html`<dl class="figures">
      ${tile('Per second', formatRate(live ? run.total.currentRate : run.total.rate), note)}
      ${tile('Requests', formatCount(run.requests))}
      ${tile('Failed', formatPercent(failed), formatCount(run.failures), failed > 0)}
      ${(['p50', 'p95', 'p99'] as const).map((name) =>
        tile(name, formatDurationMs(measured(latencyMs, latencyMs[name])), note),
      )}
      ${tile(live ? 'Users' : 'Arrivals', formatCount(live ? (last?.users ?? 0) : run.arrivals))}
      ${
        live
          ? tile(isOpen ? 'Target rate' : 'Target users', formatRate(run.level), isOpen ? 'per second' : '')
          : tile('Arrival rate', formatRate(run.achievedRate), 'per second')
      }
    </dl>
    ${warningsOf(run, live).map(({ text, kind = '' }) => html`<p class="notice ${kind}" role="status">${text}</p>`)}`
}

function tile(title: string, value: string, note = '', alarm = false): TemplateResult {
  return html`<div class=${alarm ? 'alarm' : ''}>
    <dt>${title}</dt>
    <dd>${value}${note === '' ? nothing : html`<small> ${note}</small>`}</dd>
  </div>`
}

function warningsOf(run: RunReport, live: boolean): readonly { readonly text: string; readonly kind?: 'bad' }[] {
  const failedOtherwise = run.users.failed - run.users.failedByRequest
  const isBound = live ? run.timeline.slice(-5).some((point) => point.generatorBound) : run.generatorBound
  const bound = live
    ? 'Generator-bound: virtual users start late, or an engine is fully busy, so the latencies may be the load tester’s own. Add workers, or reduce the load.'
    : 'The load generator was a bottleneck in this run, so the latencies may be its own.'
  const unaccounted = `${formatCount(run.unaccounted)} ${plural(run.unaccounted, 'arrival is', 'arrivals are')} unaccounted: workers were lost before they reported ${plural(run.unaccounted, 'it', 'them')}.`
  const otherwise = `${formatCount(failedOtherwise)} virtual ${plural(failedOtherwise, 'user')} failed because of an engine, a processor or a hook.`
  const isMissed = !run.ok && run.bounds.some(({ ok, strict }) => !ok && strict)
  return [
    ...(isBound ? [{ text: bound }] : []),
    ...(run.unaccounted > 0 ? [{ text: unaccounted }] : []),
    ...(run.failure === undefined ? [] : [{ text: `The run failed: ${run.failure}`, kind: 'bad' as const }]),
    ...(failedOtherwise > 0 ? [{ text: otherwise, kind: 'bad' as const }] : []),
    ...(isMissed ? [{ text: 'A bound of the script is missed; see Statistics.', kind: 'bad' as const }] : []),
  ]
}
