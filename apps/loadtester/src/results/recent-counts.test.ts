import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { RecentCounts } from './recent-counts.ts'
import { Tally } from './tally.ts'

function tallyOf(requests: number, durationMs = 10): Tally {
  const tally = new Tally()
  const series = tally.seriesOf('GET', '/')
  for (let index = 0; index < requests; index++)
    series.addEnd({ durationMs, firstByteMs: 1, status: 200, error: undefined, bytes: 1 })
  return tally
}

describe('RecentCounts', () => {
  it('gives the rates and quantiles of the last seconds, not of the whole run', () => {
    const recent = new RecentCounts()
    for (let second = 0; second < 60; second++)
      recent.add(second * 1000, tallyOf(second < 50 ? 10 : 100, second < 50 ? 5 : 500))
    const { total, latencyMs, of } = recent.read(0, 60_600)
    assert.deepEqual([total.requests, of('GET', '/').requests, of('GET', '/other').requests], [100, 100, 0])
    assert.ok(latencyMs.p50 > 490, `${latencyMs.p50} ms`)
  })

  it('divides by the time that has passed, early in a run', () => {
    const recent = new RecentCounts()
    recent.add(1000, tallyOf(30))
    recent.add(2000, tallyOf(60))
    assert.equal(recent.read(1500, 3600).total.requests, 60)
  })

  it('falls to 0 when nothing comes any more, and has no rate before the first second', () => {
    const recent = new RecentCounts()
    assert.equal(recent.read(0, 100).total.requests, 0)
    recent.add(1000, tallyOf(30))
    assert.equal(recent.read(0, 20_000).total.requests, 0)
  })
})
