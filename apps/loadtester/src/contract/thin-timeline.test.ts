import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TimelinePoint } from './run-report.ts'
import { thinTimeline } from './thin-timeline.ts'

function point(second: number): TimelinePoint {
  return {
    atMs: second * 1000,
    requests: second % 10,
    failures: 0,
    arrivals: 5,
    users: 1,
    target: 5,
    p50: 1,
    p95: second === 777 ? 900 : 2,
    p99: 3,
    mean: 1,
    lagP99: 0,
    utilization: 0.1,
    generatorBound: second === 777,
  }
}

const day = Array.from({ length: 86_400 }, (_, second) => point(second))

describe('thinTimeline', () => {
  it('returns a timeline that is short enough unchanged', () => {
    const short = day.slice(0, 100)
    assert.equal(thinTimeline(short, 100), short)
  })

  it('reduces a day to the maximum, and keeps its means, its peaks and its newest second', () => {
    const thinned = thinTimeline(day, 2000)
    assert.ok(thinned.length <= 2000 && thinned.length > 1000)
    const mean = thinned.reduce((sum, { requests }) => sum + requests, 0) / thinned.length
    assert.ok(Math.abs(mean - 4.5) < 0.1, `${mean}`)
    assert.equal(Math.max(...thinned.map(({ p95 }) => p95)), 900)
    assert.equal(thinned.filter(({ generatorBound }) => generatorBound).length, 1)
    assert.equal(thinned.at(-1)?.atMs, day.at(-1)?.atMs)
  })
})
