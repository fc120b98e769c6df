import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TraceSummary } from '../contract/traces.ts'
import { plotSample } from './plot-sample.ts'

function trace(index: number, startMs: number, { durationMs = 5, errors = 0 } = {}): TraceSummary {
  return {
    traceId: String(index).padStart(32, '0'),
    rootName: 'GET /',
    rootService: 'shop',
    services: ['shop'],
    startMs,
    durationMs,
    spans: 1,
    errors,
  }
}

const INTERVAL = { startMs: 0, endMs: 1_000_000, limit: 1000 }

describe('the traces of a plot', () => {
  it('are all found traces, if there are few', () => {
    const few = [trace(1, 10), trace(2, 5, { errors: 1 })]
    const plot = plotSample(few, INTERVAL)
    assert.deepEqual(
      plot.points.map(({ startMs, failed }) => [startMs, failed]),
      [
        [5, true],
        [10, false],
      ],
    )
    assert.deepEqual([plot.failed, plot.failedShown], [1, 1])
  })

  it('are spread over the interval, including the slowest and the failed ones, at most as many as requested', () => {
    // 10,000 in the last tenth, 100 before that.
    const burst = Array.from({ length: 10_000 }, (_, index) => trace(index, 900_000 + index * 10))
    const quiet = Array.from({ length: 100 }, (_, index) => trace(20_000 + index, index * 9000))
    const slow = trace(30_000, 955_555, { durationMs: 9000 })
    const failed = Array.from({ length: 30 }, (_, index) => trace(40_000 + index, 910_000 + index, { errors: 1 }))
    const { points, ...counts } = plotSample([...burst, ...quiet, slow, ...failed], INTERVAL)
    assert.equal(points.length, 1000)
    assert.equal(points.filter(({ startMs }) => startMs < 900_000).length, 100, 'the quiet times are complete')
    assert.ok(points.some(({ durationMs }) => durationMs === 9000))
    assert.deepEqual(counts, { failed: 30, failedShown: 30 })
    const last = points.filter(({ startMs }) => startMs >= 900_000).map(({ startMs }) => startMs)
    for (let from = 900_000; from < 1_000_000; from += 5000)
      assert.ok(last.filter((at) => at >= from && at < from + 5000).length >= 20, `${from}`)
    assert.deepEqual(
      [...points].sort((a, b) => a.startMs - b.startMs),
      points,
    )
  })

  it('are at most half failed ones, with the number of failed ones', () => {
    const all = Array.from({ length: 8000 }, (_, index) => trace(index, index * 100, { errors: index % 2 }))
    const { points, failed, failedShown } = plotSample(all, INTERVAL)
    assert.equal(points.length, 1000)
    assert.equal(failed, 4000)
    assert.ok(failedShown >= 450 && failedShown <= 600, `${failedShown}`)
  })

  it('need no interval', () => {
    const all = Array.from({ length: 100 }, (_, index) => trace(index, index))
    const open = { startMs: Number.NEGATIVE_INFINITY, endMs: Number.POSITIVE_INFINITY, limit: 10 }
    const { points } = plotSample(all, open)
    assert.equal(points.length, 10)
  })
})
