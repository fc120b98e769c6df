import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { timelinePoint } from '../../../../test/testing/shown-run.ts'
import { CHARTS, chartData, responseTime } from './run-charts.ts'

const timeline = [
  timelinePoint(1000),
  timelinePoint(2000, { requests: 0, p95: 0, generatorBound: true }),
  timelinePoint(3000, { p95: 7 }),
]
const chart = CHARTS.find(({ title }) => title === 'Response time')

describe('the charts of a run', () => {
  for (const [lastSeconds, seconds] of [
    [Number.POSITIVE_INFINITY, [1, 2, 3]],
    [2, [2, 3]],
    [60, [1, 2, 3]],
  ] as const)
    it(`show the last ${lastSeconds} seconds`, () =>
      assert.deepEqual(chart && chartData(chart, timeline, lastSeconds).seconds, seconds))

  it('have no response time in a second without a response', () =>
    assert.deepEqual(timeline.map(responseTime('p95')), [2, null, 7]))
  it('shade the seconds in which the load generator was the bottleneck', () =>
    assert.deepEqual(chart && chartData(chart, timeline, 60).shaded, [false, true, false]))
  it('show nothing of an empty run', () => assert.deepEqual(chart && chartData(chart, [], 60).seconds, []))
  it('have no two lines of one name or colour', () => {
    for (const { lines } of CHARTS) {
      assert.equal(new Set(lines.map(({ label }) => label)).size, lines.length)
      assert.equal(new Set(lines.map(({ color }) => color)).size, lines.length)
    }
  })
})
