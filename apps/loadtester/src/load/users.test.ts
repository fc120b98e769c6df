import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { apportionUsers } from './users.ts'

describe('apportionUsers', () => {
  for (const { total, weights, held, parts } of [
    { total: 10, weights: [1, 1], held: [], parts: [5, 5] },
    { total: 10, weights: [1, 1, 1], held: [], parts: [4, 3, 3] },
    { total: 10, weights: [1, 1, 1], held: [3, 3, 4], parts: [3, 3, 4] },
    { total: 1, weights: [1, 3], held: [], parts: [0, 1] },
    { total: 0, weights: [1, 2], held: [5, 5], parts: [0, 0] },
    { total: 7, weights: [0.5, 2], held: [], parts: [1, 6] },
    { total: 5, weights: [], held: [], parts: [] },
  ]) {
    it(`divides ${total} by ${JSON.stringify(weights)}${held.length > 0 ? `, held ${held}` : ''} into ${parts}`, () => {
      assert.deepEqual(apportionUsers(total, weights, held), parts)
    })
  }

  it('adds up to the total exactly, and stays within one user of the exact share', () => {
    for (let total = 0; total < 200; total++) {
      const weights = [0.3, 1.7, 1, 4, 0.01]
      const parts = apportionUsers(total, weights)
      assert.equal(
        parts.reduce((sum, part) => sum + part, 0),
        total,
      )
      for (const [index, part] of parts.entries())
        assert.ok(Math.abs(part - (total * (weights[index] ?? 0)) / 7.01) < 1)
    }
  })
})
