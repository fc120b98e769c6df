import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { comparedRuns, historyAddress, toggleComparedRun } from './compared-runs.ts'

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

describe('choosing runs to compare', () => {
  for (const [ids, id, then] of [
    [[], 'a', ['a']],
    [['a'], 'b', ['a', 'b']],
    [['a', 'b'], 'c', ['b', 'c']],
    [['a', 'b'], 'a', ['b']],
  ] as const)
    it(`${ids.join(' and ') || 'none'}, then the box of ${id}: ${then.join(' and ')}`, () =>
      assert.deepEqual(toggleComparedRun(ids, id), then))
})
