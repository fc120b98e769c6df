import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CHAOS_STATUSES, createChaos } from './chaos.ts'

/** A random number generator; failing tests print its seed. */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

const cases = [
  { percent: 0, of: 1_000, least: 0, most: 0 },
  { percent: 10, of: 100, least: 10, most: 10 },
  { percent: 10, of: 1_000, least: 100, most: 100 },
  { percent: 10, of: 50, least: 0, most: 10 },
  { percent: 0.5, of: 10_000, least: 20, most: 80 },
  { percent: 99.9, of: 1_000, least: 985, most: 1_000 },
  { percent: 100, of: 1_000, least: 1_000, most: 1_000 },
]

for (const { percent, of, least, most } of cases) {
  test(`${percent} % of ${of} requests are ${least} to ${most} aborts`, () => {
    const seed = Date.now() >>> 0
    const chaos = createChaos(percent, createRandom(seed))
    const aborted = Array.from({ length: of }, chaos).filter((status) => status !== undefined)
    assert.ok(aborted.length >= least && aborted.length <= most, `${aborted.length} aborts with seed ${seed}`)
    assert.ok(aborted.every((status) => CHAOS_STATUSES.includes(status)))
  })
}

test('aborts with many different status codes, from 400 to 500', () => {
  const seen = new Set(Array.from({ length: 2_000 }, createChaos(100)))
  assert.ok(seen.size > CHAOS_STATUSES.length / 2)
  assert.equal(Math.min(...CHAOS_STATUSES), 400)
  assert.equal(Math.max(...CHAOS_STATUSES), 500)
})

test('aborts different requests in each round of 100', () => {
  const chaos = createChaos(10)
  const rounds = Array.from({ length: 20 }, () =>
    Array.from({ length: 100 }, chaos)
      .flatMap((status, index) => (status === undefined ? [] : [index]))
      .join(),
  )
  assert.ok(new Set(rounds).size > 1)
})
