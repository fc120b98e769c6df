import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatCount, formatDurationMs, formatExactValue, formatValue } from './format-value.ts'

describe('a value at a glance', () => {
  for (const [value, unit, text] of [
    [0, '1', '0'],
    [1, '1', '1'],
    [12.345, '1', '12.3'],
    [999.96, '1', '1k'],
    [1234, '1', '1.23k'],
    [-1234, '1', '-1.23k'],
    [0.0001234, '1', '0.000123'],
    [52.08, '1/s', '52.1/s'],
    [4520, '{requests}/s', '4.52k/s'],
    [0.25, 's', '250 ms'],
    [0.0000123, 's', '12.3 µs'],
    [90, 's', '1.5 min'],
    [0, 's', '0 s'],
    [12, 'ms', '12 ms'],
    [1500, 'ms', '1.5 s'],
    [100_663_296, 'By', '96 MiB'],
    [2048, 'By/s', '2 KiB/s'],
    [0.051, '10^2.%', '5.1 %'],
    [45, '%', '45 %'],
    [7, '{pods}', '7'],
    [3, 'K', '3 K'],
    [Number.NaN, 's', 'NaN'],
    [Number.POSITIVE_INFINITY, '1', '+Inf'],
  ] as const) {
    it(`${value} in ${unit} is ${text}`, () => assert.equal(formatValue(value, unit), text))
  }
})

describe('an exact value', () => {
  for (const [value, unit, text] of [
    [52.0833333, '1/s', '52.08333/s'],
    [1_234_567, '1', '1234567'],
    [12_345_678_901, '1', '12.34568G'],
    [0.2503123, 's', '250.3123 ms'],
    [0.1, '1', '0.1'],
  ] as const) {
    it(`${value} in ${unit} is ${text}`, () => assert.equal(formatExactValue(value, unit), text))
  }
})

it('groups the thousands of a count', () => assert.equal(formatCount(1_234_567), '1\u202f234\u202f567'))
it('formats a duration', () => assert.equal(formatDurationMs(0.84), '840 µs'))
