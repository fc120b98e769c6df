import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readPercentiles } from './percentiles.ts'

describe('readPercentiles', () => {
  for (const [text, read] of [
    ['50', [50]],
    ['99.9, p50,95%', [50, 95, 99.9]],
    ['50,50', [50]],
    ['100', [100]],
    ['0', undefined],
    ['101', undefined],
    ['-1', undefined],
    ['', undefined],
    ['50,', undefined],
    ['1e1', undefined],
    [Array.from({ length: 21 }, (_, index) => index + 1).join(','), undefined],
  ] as const) {
    it(`reads ${JSON.stringify(text)} as ${JSON.stringify(read)}`, () => assert.deepEqual(readPercentiles(text), read))
  }
})
