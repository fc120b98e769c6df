import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { comparedRuns, historyAddress } from './compared-runs.ts'

describe('the address of a comparison', () => {
  for (const [hash, ids] of [
    ['#history', []],
    ['#history?compare=a', ['a']],
    ['#history?compare=a,b', ['a', 'b']],
    ['#history?compare=a,a', ['a']],
    ['#history?compare=a,b,c', ['a', 'b']],
    ['#history?compare=', []],
    ['', []],
  ] as const) {
    it(`${JSON.stringify(hash)} names ${ids.join(' and ') || 'none'}`, () => assert.deepEqual(comparedRuns(hash), ids))
  }

  it('is read as it was written', () => {
    for (const ids of [[], ['2026-11-29T14:05:00.000Z-1'], ['a b', 'c&d']])
      assert.deepEqual(comparedRuns(historyAddress(ids)), ids)
  })
})
