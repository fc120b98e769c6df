import { formatCount, formatDurationMs, formatPercent, formatRate } from '@node-to-cloud/browser-kit/format/value'
import type { RunReport } from '../../contract/run-report.ts'
import { element, replace } from './element.ts'

/** Key figures and warnings. */
export class Figures {
  readonly root = element('div')

  update(run: RunReport): void {
    const live = run.endedMs === undefined
    const last = live ? run.timeline.at(-1) : undefined
    const failedOtherwise = run.users.failed - run.users.failedByRequest
    const failed = run.requests === 0 ? 0 : run.failures / run.requests
    const latencyMs = live ? run.currentLatencyMs : run.latencyMs
    const note = live ? 'last 5 s' : ''
    const tiles = [
      tile('Per second', formatRate(live ? run.total.currentRate : run.total.rate)),
      tile('Requests', formatCount(run.requests)),
      tile('Failed', formatPercent(failed), `${formatCount(run.failures)}`, failed > 0),
      tile('p50', formatDurationMs(latencyMs.p50), note),
      tile('p95', formatDurationMs(latencyMs.p95), note),
      tile('p99', formatDurationMs(latencyMs.p99), note),
      tile(live ? 'Users' : 'Arrivals', formatCount(live ? (last?.users ?? 0) : run.arrivals)),
      live
        ? tile(
            run.model === 'open' ? 'Target rate' : 'Target users',
            formatRate(run.level),
            run.model === 'open' ? 'per second' : '',
          )
        : tile('Arrival rate', formatRate(run.achievedRate), 'per second'),
    ]
    const recent = run.timeline.slice(-5).some((point) => point.generatorBound)
    replace(
      this.root,
      element('dl', { class: 'figures' }, ...tiles),
      (live ? recent : run.generatorBound) &&
        notice(
          live
            ? 'Generator-bound: virtual users start late, or an engine is fully busy, so the latencies may be the load tester’s own. Add workers, or reduce the load.'
            : 'The load generator was a bottleneck in this run, so the latencies may be its own.',
        ),
      run.unaccounted > 0 &&
        notice(
          `${formatCount(run.unaccounted)} arrivals are unaccounted: workers were lost before they reported them.`,
        ),
      run.failure !== undefined && notice(`The run failed: ${run.failure}`, 'bad'),
      failedOtherwise > 0 &&
        notice(`${formatCount(failedOtherwise)} virtual users failed by an engine, a processor or a hook.`, 'bad'),
      !run.ok &&
        run.bounds.some((bound) => !bound.ok && bound.strict) &&
        notice('A bound of the script is missed; see Statistics.', 'bad'),
    )
  }
}

function tile(title: string, value: string, note = '', alarm = false): HTMLElement {
  return element(
    'div',
    { class: alarm ? 'alarm' : '' },
    element('dt', { text: title }),
    element('dd', {}, value, note !== '' && element('small', { text: ` ${note}` })),
  )
}

function notice(text: string, kind = ''): HTMLElement {
  return element('p', { class: `notice ${kind}`, text, attributes: { role: 'status' } })
}
