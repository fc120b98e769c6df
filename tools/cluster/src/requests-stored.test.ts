import assert from 'node:assert/strict'
import { test } from 'node:test'
import { increments } from './requests-stored.ts'

test('a counter’s points add up over restarts', () => {
  for (const [values, sum] of [
    [[], 0],
    [[5], 5],
    [[5, 5, 8], 8],
    [[5, 8, 2, 3], 11],
    [[0, 0, 4], 4],
  ] as const) {
    assert.equal(increments(values), sum, values.join())
  }
})
