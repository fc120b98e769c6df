import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseTypedNumber } from './typed-number.ts'

describe('a typed number', () => {
  for (const [text, value] of [
    ['10', 10],
    [' 2.5 ', 2.5],
    ['.5', 0.5],
    ['0', 0],
    ['', undefined],
    ['  ', undefined],
    ['2,5', undefined],
    ['10/s', undefined],
    ['-1', undefined],
    ['1e3', undefined],
    ['0x10', undefined],
    ['Infinity', undefined],
    ['1.', undefined],
    ['9'.repeat(400), undefined],
  ] as const) {
    it(`${JSON.stringify(text.slice(0, 12))} is ${value}`, () => assert.equal(parseTypedNumber(text), value))
  }
})
