import assert from 'node:assert/strict'
import { test } from 'node:test'
import { spreadOf } from './statistics.ts'

for (const [values, expected] of [
  [[3], { median: 3, min: 3, max: 3 }],
  [[3, 1, 2], { median: 2, min: 1, max: 3 }],
  [[10, 1, 2, 3], { median: 2.5, min: 1, max: 10 }],
] as const) {
  test(`the spread of ${values.join(', ')}`, () => assert.deepEqual(spreadOf(values), expected))
}

test('no values have no spread', () => assert.throws(() => spreadOf([]), RangeError))
