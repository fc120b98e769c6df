import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { backoffMs } from './backoff.ts'
import { ConcurrencyLimit } from './concurrency-limit.ts'

describe('ConcurrencyLimit', () => {
  it('rises by one for each round of answers with all slots in use', () => {
    const limit = new ConcurrencyLimit({ initial: 2, max: 8 })
    for (const expected of [2, 3, 3, 3, 4]) {
      limit.succeeded(true)
      assert.equal(limit.current, expected)
    }
  })

  it('stays while slots are free, and at its maximum', () => {
    const limit = new ConcurrencyLimit({ initial: 4, max: 4 })
    for (let answer = 0; answer < 20; answer++) limit.succeeded(answer % 2 === 0)
    assert.equal(limit.current, 4)
  })

  it('halves once for all failures of one round, never below one', () => {
    const limit = new ConcurrencyLimit({ initial: 8, max: 8 })
    const round = [limit.start(), limit.start(), limit.start()]
    for (const request of round) limit.overloaded(request)
    assert.equal(limit.current, 4)
    for (let times = 0; times < 10; times++) limit.overloaded(limit.start())
    assert.equal(limit.current, 1)
  })
})

describe('backoffMs', () => {
  it('draws from zero up to a ceiling that doubles and is bounded', () => {
    const ceilings = [1, 2, 3, 4, 5, 100].map((failures) =>
      backoffMs(failures, { baseMs: 100, maxMs: 1000, random: () => 1 }),
    )
    assert.deepEqual(ceilings, [100, 200, 400, 800, 1000, 1000])
    assert.equal(backoffMs(3, { baseMs: 100, maxMs: 1000, random: () => 0 }), 0)
  })
})
