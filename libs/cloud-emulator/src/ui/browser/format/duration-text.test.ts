import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseDurationText } from './duration-text.ts'

describe('a typed duration', () => {
  for (const [text, durationMs] of [
    ['100ms', 100],
    ['1.5s', 1500],
    [' 20 ', 20],
    ['2m', 120_000],
    ['250us', 0.25],
    ['12ns', 0.000012],
    ['1.5 min', 90_000],
    ['2 h', 7_200_000],
    ['1d', 86_400_000],
    ['', undefined],
    ['fast', undefined],
    ['-1s', undefined],
  ] as const) {
    it(`${JSON.stringify(text)} is ${durationMs}`, () => assert.equal(parseDurationText(text), durationMs))
  }
})
