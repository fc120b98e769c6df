import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  formatBytes,
  formatCount,
  formatDurationMs,
  formatExactValue,
  formatPercent,
  formatRate,
  formatValue,
} from './value.ts'

describe('a value at a glance', () => {
  for (const [value, unit, text] of [
    [0, '1', '0'],
    [1, '1', '1'],
    [12.345, '1', '12.3'],
    [999.96, '1', '1 k'],
    [1234, '1', '1.23 k'],
    [-1234, '1', '-1.23 k'],
    [0.0001234, '1', '0.000123'],
    [52.08, '1/s', '52.1/s'],
    [4520, '{requests}/s', '4.52 k/s'],
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
    [1e-13, '1', '1e-13'],
    [-4.2e-20, '1', '-4.2e-20'],
    [2.5e-8, '1', '2.5e-8'],
    [5e-20, 's', '5e-11 ns'],
    [3e-10, '1/s', '3e-10/s'],
    [1.8446744073709552e19, '1', '18,447 P'],
    [1e30, '1', '1e+15 P'],
    [1.7976931348623157e308, 'By', '1.6e+293 PiB'],
    [1.7e9, 's', '19,676 d'],
    [1e12, 's', '11,574,074 d'],
    [0.000004, '10^2.%', '0.0004 %'],
  ] as const) {
    it(`${value} in ${unit} is ${text}`, () => assert.equal(formatValue(value, unit), text))
  }
})

describe('an exact value', () => {
  for (const [value, unit, text] of [
    [52.0833333, '1/s', '52.08/s'],
    [0.03379406, '1/s', '0.03379/s'],
    [1_234_567, '1', '1,234,567'],
    [10_985.25, '{requests}/s', '10,985.25/s'],
    [12_345_678_901, '1', '12,345,678,901'],
    [1.5e16, '1', '15 P'],
    [0.2503123, 's', '250.3 ms'],
    [100_663_296, 'By', '96 MiB'],
    [0.1, '1', '0.1'],
    [3, 'K', '3 K'],
    [1e-13, '1', '1e-13'],
    [1.7e9, 's', '19,676 d'],
    [Number.NaN, '1', 'NaN'],
  ] as const) {
    it(`${value} in ${unit} is ${text}`, () => assert.equal(formatExactValue(value, unit), text))
  }
})

describe('other figures', () => {
  for (const [text, expected] of [
    [formatCount(10_985), '10,985'],
    [formatCount(999), '999'],
    [formatCount(-1_234_567.4), '-1,234,567'],
    [formatRate(0), '0'],
    [formatRate(0.25), '0.25'],
    [formatRate(12.345), '12.3'],
    [formatRate(10_985.4), '10,985'],
    [formatPercent(0), '0 %'],
    [formatPercent(0.0005), '0.05 %'],
    [formatPercent(0.051), '5.1 %'],
    [formatPercent(1), '100 %'],
    [formatPercent(0.00001), '< 0.01 %'],
    [formatPercent(0.9996), '> 99.9 %'],
    [formatPercent(0.996), '99.6 %'],
    [formatPercent(0.5), '50 %'],
    [formatPercent(12.345), '1,235 %'],
    [formatRate(1e-9), '1e-9'],
    [formatRate(0.0001), '0.0001'],
    [formatBytes(1_572_864), '1.5 MiB'],
    [formatBytes(0), '0 B'],
    [formatDurationMs(0.84), '840 µs'],
    [formatDurationMs(undefined), '–'],
  ] as const) {
    it(expected, () => assert.equal(text, expected))
  }
})
