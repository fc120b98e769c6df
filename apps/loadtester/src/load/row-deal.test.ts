import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Arrival, ArrivalSequence } from './arrivals.ts'
import { seedOf } from './poisson.ts'
import { LoadProfile } from './profile.ts'
import { RowDeal } from './row-deal.ts'

const SEED = seedOf('a run')

/** All arrivals of a worker between two times, for which it follows the weights. */
function arrivals(
  profile: LoadProfile,
  weights: readonly number[],
  worker: number,
  from: number,
  until: number,
): Arrival[] {
  const sequence = new ArrivalSequence(profile, { weights, worker }, 0, SEED)
  sequence.skipUntil(from)
  const found: Arrival[] = []
  for (let next = sequence.peek(); next !== undefined && next.dueSeconds < until; next = sequence.peek()) {
    found.push(next)
    sequence.advance()
  }
  return found
}

describe('RowDeal', () => {
  for (const mode of ['uniform', 'poisson'] as const) {
    it(`deals each row once over a fleet that changes, in the order of ${mode} arrivals`, () => {
      const profile = new LoadProfile([{ durationSeconds: 30, from: 20, to: 60, mode }])
      const deals = [0, 1, 2].map(() => new RowDeal(40, SEED))
      // Worker 2 joins after 10 s, and worker 0 leaves after 20 s.
      const taken = [
        { weights: [1, 2], from: 0, until: 10, workers: [0, 1] },
        { weights: [1, 2, 2], from: 10, until: 20, workers: [0, 1, 2] },
        { weights: [2, 2], from: 20, until: 30, workers: [1, 2] },
      ].flatMap(({ weights, from, until, workers }) =>
        workers.flatMap((deal, worker) =>
          arrivals(profile, weights, worker, from, until).map((arrival) => ({
            atSeconds: arrival.dueSeconds,
            row: deals[deal]?.take(arrival),
          })),
        ),
      )
      taken.sort((a, b) => a.atSeconds - b.atSeconds)
      assert.ok(taken.length > 900)
      assert.deepEqual(
        taken.map(({ row }) => row),
        taken.map((_, index) => index),
      )
    })
  }

  it('gives the row of a user that is skipped to the next one that starts', () => {
    const deal = new RowDeal(10, SEED)
    const arrival = (number: number): Arrival => ({ number, position: number, dueSeconds: number })
    assert.equal(deal.take(arrival(0)), 0)
    deal.skip(arrival(1))
    deal.skip(arrival(2))
    assert.deepEqual(
      [3, 4, 5].map((number) => deal.take(arrival(number))),
      [1, 2, 3],
    )
  })

  it('keeps no more rows of skipped users than there are rows', () => {
    const deal = new RowDeal(3, SEED)
    for (let number = 0; number < 1000; number++) deal.skip({ number, position: number, dueSeconds: number })
    const next = [1000, 1001, 1002, 1003].map((number) => deal.take({ number, position: number, dueSeconds: 0 }))
    assert.deepEqual(next, [0, 1, 2, 1000])
  })

  it('gives each worker a share of the rows in the closed model', () => {
    const deals = [0, 1].map((worker) => {
      const deal = new RowDeal(40, SEED)
      deal.shareAmong({ weights: [1, 1], worker })
      return deal
    })
    const rows = deals.flatMap((deal) => Array.from({ length: 20 }, () => deal.takeForIteration() % 40))
    assert.equal(new Set(rows).size, 40)
  })
})
