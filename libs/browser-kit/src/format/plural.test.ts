import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plural } from './plural.ts'

const cases: readonly [count: number, words: [one: string, many?: string], expected: string][] = [
  [0, ['call'], 'calls'],
  [1, ['call'], 'call'],
  [2, ['call'], 'calls'],
  [1, ['entry', 'entries'], 'entry'],
  [2, ['entry', 'entries'], 'entries'],
  [0, ['call was', 'calls were'], 'calls were'],
]
for (const [count, words, expected] of cases) {
  test(`${count} ${expected}`, () => assert.equal(plural(count, ...words), expected))
}
