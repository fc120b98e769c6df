import assert from 'node:assert/strict'
import { test } from 'node:test'
import { durationTick } from './duration-tick.ts'

for (const [ms, text] of [
  [0.1, '100 µs'],
  [10, '10 ms'],
  [10_000, '10 s'],
  [100_000, '100 s'],
  [1_000_000, '1,000 s'],
] as const)
  test(text, () => assert.equal(durationTick(ms), text))
