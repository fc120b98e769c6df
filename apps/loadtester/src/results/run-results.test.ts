import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { RunResults } from './run-results.ts'
import { Tally } from './tally.ts'

const a = { id: 'a', name: 'a' }
const b = { id: 'b', name: 'b' }

function tallyOf(requests: number, latencyMs = 10): Tally {
  const tally = new Tally()
  tally.arrivals = requests
  const series = tally.seriesOf('GET', '/')
  for (let index = 0; index < requests; index++) {
    series.addEnd({ durationMs: latencyMs + index, firstByteMs: 1, status: 200, error: undefined, bytes: 1 })
  }
  return tally
}

describe('RunResults', () => {
  it('merges the quantiles of all workers exactly as one sketch of all values', () => {
    const results = new RunResults()
    results.add(a, 1, 0, tallyOf(50, 10))
    results.add(b, 1, 0, tallyOf(30, 400))
    results.add(a, 2, 0, tallyOf(20, 90))
    const whole = new Tally()
    for (const part of [tallyOf(50, 10), tallyOf(30, 400), tallyOf(20, 90)]) whole.merge(part)
    assert.deepEqual(results.total.total().latency.quantiles(), whole.total().latency.quantiles())
  })

  it('adds a report once', () => {
    const results = new RunResults()
    assert.ok(results.add(a, 1, 0, tallyOf(5)))
    assert.ok(!results.add(a, 1, 0, tallyOf(5)))
    assert.equal(results.total.arrivals, 5)
  })

  it('replaces what a worker reported by its snapshot when it reconnects', () => {
    const results = new RunResults()
    results.add(a, 1, 0, tallyOf(5))
    results.add(b, 1, 0, tallyOf(7))
    results.replace(a, 9, 0, tallyOf(50))
    assert.equal(results.total.arrivals, 57)
    assert.ok(!results.add(a, 9, 0, tallyOf(5)), 'a report that the snapshot holds is not added again')
    results.add(a, 10, 0, tallyOf(1))
    assert.equal(results.total.arrivals, 58)
  })

  it('shows what a lost worker had not reported, until it is back', () => {
    const results = new RunResults()
    const twoEach = tallyOf(20)
    twoEach.arrivals = 10
    results.add(a, 1, 0, twoEach, { inFlight: 3 })
    assert.deepEqual([results.inFlight, results.unfinished], [3, 0])
    results.markLost(a, 4)
    assert.deepEqual([results.unaccounted, results.inFlight, results.unfinished], [4, 0, 3])
    results.replace(a, 3, 0, tallyOf(30))
    assert.deepEqual([results.unaccounted, results.unfinished], [0, 0])
  })

  for (const { name, planned, started, lost, unaccounted, missed } of [
    { name: 'nothing is missing', planned: 50, started: 50, lost: 0, unaccounted: 0, missed: 0 },
    { name: 'nobody could start some', planned: 50, started: 44, lost: 0, unaccounted: 0, missed: 6 },
    {
      name: 'a lost worker may have started some of them',
      planned: 50,
      started: 44,
      lost: 4,
      unaccounted: 4,
      missed: 2,
    },
    {
      name: 'a lost worker had made most of what it owed',
      planned: 50,
      started: 49,
      lost: 4,
      unaccounted: 1,
      missed: 0,
    },
  ]) {
    it(`balances the books when the load is over: ${name}`, () => {
      const results = new RunResults()
      results.add(a, 1, 0, tallyOf(started))
      if (lost > 0) results.markLost(b, lost)
      results.balance(planned)
      assert.deepEqual([results.unaccounted, results.missed], [unaccounted, missed])
      assert.equal(results.total.arrivals + results.missed + results.unaccounted, planned)
    })
  }

  it('can be stored and restored', () => {
    const results = new RunResults()
    results.add(a, 4, 99, tallyOf(5))
    results.markLost(a, 2)
    const again = new RunResults()
    again.restore(results.stored())
    assert.deepEqual([again.total.arrivals, again.unaccounted, again.reportedUntilMs('a')], [5, 2, 99])
  })

  it('counts from 0 after a reset', () => {
    const results = new RunResults()
    results.add(a, 1, 0, tallyOf(5))
    results.reset()
    results.add(a, 2, 0, tallyOf(2))
    assert.equal(results.total.arrivals, 2)
  })
})

describe('RunResults of a long run', () => {
  it('keeps a limited number of workers apart, and loses nothing of the others', () => {
    const results = new RunResults()
    for (let index = 0; index < 500; index++) {
      const worker = { id: `w${index}`, name: `w${index}` }
      results.add(worker, 1, 0, tallyOf(2))
      if (index % 10 === 0) results.markLost(worker, 3)
      results.foldOldest((id) => id === 'w0' || id === `w${index}`)
    }
    assert.ok(results.shares.length <= 202, `${results.shares.length} are kept apart`)
    assert.ok(
      results.shares.some(({ name }) => name === 'w0'),
      'one that is there stays',
    )
    assert.equal(results.total.requests, 1000)
    assert.equal(
      results.shares.reduce((sum, { requests }) => sum + requests, 0),
      1000,
    )
    assert.equal(results.unaccounted, 150)
    const again = new RunResults()
    again.restore(results.stored())
    assert.deepEqual([again.total.requests, again.unaccounted], [1000, 150])
  })

  it('adds what the next engine of a worker counts to what the earlier one counted, and to what was unaccounted', () => {
    const results = new RunResults()
    results.add(a, 7, 0, tallyOf(20))
    results.markLost(a, 4)
    results.beginEngine('a')
    assert.ok(results.add(a, 1, 0, tallyOf(5)))
    results.replace(a, 2, 0, tallyOf(6))
    assert.deepEqual([results.total.requests, results.unaccounted], [26, 4])
  })

  it('shows what a worker that was lost before its first report may have sent', () => {
    const results = new RunResults()
    results.markLost(b, 6)
    assert.equal(results.unaccounted, 6)
  })
})
