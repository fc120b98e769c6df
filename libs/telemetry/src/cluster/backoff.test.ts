import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Backoff } from './backoff.ts'

test('doubles from 100 ms to 10 s, and starts over after a worker that stayed alive', () => {
  const backoff = new Backoff()
  const waits = Array.from({ length: 9 }, () => backoff.afterDeath(0))
  assert.deepEqual(waits, [100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000])
  assert.equal(backoff.afterDeath(60_000), 100)
  assert.equal(backoff.afterDeath(5), 200)
})
