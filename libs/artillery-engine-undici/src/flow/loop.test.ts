import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseLoopCount } from './loop.ts'

const COUNTS: readonly [count: unknown, from: number, to: number][] = [
  [3, 0, 3],
  [-1, 0, -1],
  ['4', 0, 4],
  ['2-5', 2, 5],
  ['many', 0, 0],
  ['', 0, 0],
  [undefined, 0, 0],
  [{}, 0, 0],
]

for (const [count, from, to] of COUNTS) {
  test(`a loop's count ${JSON.stringify(count)} is ${from} to ${to}`, () => {
    assert.deepEqual(parseLoopCount(count), { from, to })
  })
}
