import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { LoadProfile } from '../load/profile.ts'
import { Tally } from '../results/tally.ts'
import { Run } from '../run/run.ts'
import { renderReportHtml } from './html.ts'

const nasty = '<img src=x onerror=alert(1)>"\'&'

function createRun(): Run {
  const run = new Run(
    {
      script: { name: nasty, digest: nasty, target: nasty },
      model: 'open',
      profile: LoadProfile.constant(1),
      maximumUsers: 1,
      bounds: [{ text: nasty, metric: 'http.requests', comparison: '<', limit: 1, strict: true }],
    },
    { maximumSeries: 5 },
  )
  run.begin([{ id: 'a', name: nasty, weight: 1, users: 0 }], 1000)
  return run
}

function work(run: Run, seconds: number, lagMs: number): void {
  for (let second = 1; second <= seconds; second++) {
    const tally = new Tally()
    tally.arrivals = 1
    tally.lag.add(lagMs)
    tally.addError(nasty)
    const series = tally.seriesOf('GET', nasty)
    series.addEnd({ durationMs: 5, firstByteMs: 1, status: undefined, error: nasty, bytes: 0 })
    run.results.add({ id: 'a', name: nasty }, second, second * 1000, tally)
    run.results.timeline.add(second * 1000, 'a', tally, { users: 1, utilization: 0.1, target: 1 })
  }
  run.note(2000, nasty)
}

describe('renderReportHtml', () => {
  const run = createRun()
  work(run, 5, 1)
  run.finish(6000, nasty)
  const html = renderReportHtml(run.report(6000))

  it('escapes the text of scripts, targets, workers and errors', () => {
    assert.ok(!html.includes('<img'))
    assert.ok(html.split('&lt;img src=x onerror=alert(1)&gt;').length > 9, 'each of them is there as text')
  })

  it('has no scripts, other files or network requests', () => {
    assert.doesNotMatch(html, /<script|<link|<iframe|<object|url\(|@import|\ssrc="|\shref="/i)
  })

  it('draws the rate, the latency quantiles, the users and the lag', () => {
    assert.equal(html.match(/<svg /g)?.length, 4)
    assert.equal(html.match(/<polyline /g)?.length, 7)
    for (const line of ['requests', 'failures', 'p50', 'p95', 'p99', 'virtual users', 'start lag p99'])
      assert.ok(html.includes(`<title>${line}</title>`), line)
  })

  it('says that the run failed, and why', () => assert.match(html, /The run failed: &lt;img/))

  it('has no NaN, undefined or Infinity', () => assert.doesNotMatch(html, /NaN|undefined|Infinity/))

  for (const { lagMs, says } of [
    { lagMs: 1, says: false },
    { lagMs: 60, says: true },
  ]) {
    it(`${says ? 'warns' : 'does not warn'} about the load generator if arrivals start ${lagMs} ms late`, () => {
      const other = createRun()
      work(other, 3, lagMs)
      other.finish(4000)
      const report = other.report(4000)
      assert.equal(report.generatorBound, says)
      assert.equal(renderReportHtml(report).includes('The load generator was a bottleneck'), says)
    })
  }
})
