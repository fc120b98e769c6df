import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { backoffMs } from './backoff.ts'
import { ConcurrencyLimit } from './concurrency-limit.ts'

describe('ConcurrencyLimit', () => {
  it('increases by one after each round of responses with all slots in use', () => {
    const limit = new ConcurrencyLimit({ initial: 2, max: 8 })
    for (const expected of [2, 3, 3, 3, 4]) {
      limit.succeeded(true)
      assert.equal(limit.current, expected)
    }
  })

  it('does not change while slots are free, nor beyond its maximum', () => {
    const limit = new ConcurrencyLimit({ initial: 4, max: 4 })
    for (let answer = 0; answer < 20; answer++) limit.succeeded(answer % 2 === 0)
    assert.equal(limit.current, 4)
  })

  it('is halved once for all failures of a round, never below one', () => {
    const limit = new ConcurrencyLimit({ initial: 8, max: 8 })
    const round = [limit.start(), limit.start(), limit.start()]
    for (const request of round) limit.overloaded(request)
    assert.equal(limit.current, 4)
    for (let times = 0; times < 10; times++) limit.overloaded(limit.start())
    assert.equal(limit.current, 1)
  })

  it('starts anew after a pause, unless it is below its start', () => {
    const limit = new ConcurrencyLimit({ initial: 2, max: 8 })
    for (let answer = 0; answer < 20; answer++) limit.succeeded(true)
    assert.ok(limit.current > 4)
    limit.restart()
    assert.equal(limit.current, 2)
    limit.succeeded(true)
    limit.succeeded(true)
    assert.equal(limit.current, 3)
    for (let times = 0; times < 4; times++) limit.overloaded(limit.start())
    limit.restart()
    assert.equal(limit.current, 1)
  })
})

describe('backoffMs', () => {
  it('is random between zero and a limit that doubles up to a maximum', () => {
    const ceilings = [1, 2, 3, 4, 5, 100].map((failures) =>
      backoffMs(failures, { baseMs: 100, maxMs: 1000, random: () => 1 }),
    )
    assert.deepEqual(ceilings, [100, 200, 400, 800, 1000, 1000])
    assert.equal(backoffMs(3, { baseMs: 100, maxMs: 1000, random: () => 0 }), 0)
  })
})
