import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Tally } from './tally.ts'
import { Timeline } from './timeline.ts'

function tallyOf(requests: number): Tally {
  const tally = new Tally()
  const series = tally.seriesOf('GET', '/')
  for (let index = 0; index < requests; index++)
    series.addEnd({ durationMs: 10, firstByteMs: 1, status: 200, error: undefined, bytes: 1 })
  return tally
}

describe('Timeline', () => {
  const gauges = { users: 3, utilization: 0.2, target: 10 }

  it('turns a second into a point once its reports are in, with the users of all workers', () => {
    const timeline = new Timeline()
    timeline.add(1000, 'a', tallyOf(4), gauges)
    timeline.add(1000, 'b', tallyOf(6), { ...gauges, users: 4 })
    timeline.add(2000, 'a', tallyOf(1), gauges)
    timeline.settle(3999)
    assert.equal(timeline.points.length, 0)
    timeline.settle(4000)
    assert.deepEqual(
      timeline.points.map(({ atMs, requests, users, target }) => [atMs, requests, users, target]),
      [[1000, 10, 7, 10]],
    )
    timeline.add(1000, 'a', tallyOf(9), gauges)
    timeline.settle(Number.POSITIVE_INFINITY)
    assert.deepEqual(
      timeline.points.map(({ requests }) => requests),
      [10, 1],
    )
  })

  for (const { name, lagMs, utilization, bound } of [
    { name: 'a quiet second', lagMs: 2, utilization: 0.5, bound: false },
    { name: 'late arrivals', lagMs: 50, utilization: 0.5, bound: true },
    { name: 'a busy engine', lagMs: 2, utilization: 0.99, bound: true },
  ]) {
    it(`marks ${name} as ${bound ? '' : 'not '}generator-bound`, () => {
      const timeline = new Timeline()
      const tally = tallyOf(1)
      tally.lag.add(lagMs)
      timeline.add(1000, 'a', tally, { ...gauges, utilization })
      timeline.settle(Number.POSITIVE_INFINITY)
      assert.equal(timeline.points[0]?.generatorBound, bound)
    })
  }
})
