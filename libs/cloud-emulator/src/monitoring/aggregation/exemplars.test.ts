import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { microsToTimestamp } from '../../protos/timestamp.ts'
import { chosenExemplars } from './exemplars.ts'

const exemplar = (second: number, value: number) => ({
  value,
  timestamp: microsToTimestamp(second * 1e6),
  attachments: [],
})

describe('the exemplars of an alignment period', () => {
  it('are all exemplars, by time, if there are few', () => {
    const values = chosenExemplars([exemplar(3, 1), exemplar(1, 2), exemplar(2, 3)]).map(({ value }) => value)
    assert.deepEqual(values, [2, 3, 1])
  })

  it('include the largest ones, however old, and the newest ones', () => {
    const many = Array.from({ length: 30 }, (_, index) => exemplar(index, index === 2 ? 0.9 : 0.001 + index / 1e6))
    const chosen = chosenExemplars(many)
    assert.equal(chosen.length, 10)
    assert.equal(chosen[0]?.value, 0.9)
    assert.equal(chosen.at(-1), many.at(-1))
  })
})
