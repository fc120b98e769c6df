import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formValues } from './form-values.ts'
import { goNumber } from './go-number.ts'
import { EARLIEST_MS, evaluationTimeMs, goDifferenceMs, goTimeMs } from './go-time.ts'

const NUMBERS: readonly (readonly [text: string, value: number | undefined])[] = [
  ['1', 1],
  ['+1.5', 1.5],
  ['-.5e1', -5],
  ['1.', 1],
  ['1_000', 1000],
  ['1_0.2_5', 10.25],
  ['1__0', undefined],
  ['_1', undefined],
  ['1_', undefined],
  ['1_.5', undefined],
  ['0x10p0', 16],
  ['-0x1.8p1', -3],
  ['0x_1p0', 1],
  ['0x10', undefined],
  ['0xp1', undefined],
  ['Inf', Number.POSITIVE_INFINITY],
  ['-infinity', Number.NEGATIVE_INFINITY],
  ['nan', Number.NaN],
  ['+nan', undefined],
  ['1e400', undefined],
  ['', undefined],
  [' 1', undefined],
  ['1 ', undefined],
  ['.', undefined],
  ['1e', undefined],
]

test('numbers are parsed as in Go', () => {
  for (const [text, value] of NUMBERS) assert.deepEqual(goNumber(text), value, text)
})

// The results of Go 1.26 on amd64.
const FAR_TIMES: readonly (readonly [seconds: number, evaluationTimeMs: number])[] = [
  [Number.NaN, -9_223_372_036_855],
  [Number.POSITIVE_INFINITY, -9_223_372_036_855],
  [Number.NEGATIVE_INFINITY, -9_223_372_036_855],
  [1e30, 0],
  [-1e30, 0],
  [2 ** 63, 0],
  [1.2345, 1235],
  [-0.005, -5],
]

test('out-of-range times become the earliest one, and wrap around when a query is evaluated', () => {
  for (const [seconds, timeMs] of FAR_TIMES) {
    assert.equal(evaluationTimeMs(goTimeMs(seconds)), timeMs, String(seconds))
    if (Math.abs(seconds) < 2) continue
    assert.ok(goTimeMs(seconds) < EARLIEST_MS)
    assert.equal(goDifferenceMs(goTimeMs(seconds), 0), 2 ** 63 / 1e6)
  }
  assert.ok(goTimeMs(Number.POSITIVE_INFINITY) < goTimeMs(1e30))
})

const FORMS: readonly (readonly [form: string, values: readonly (readonly [string, string])[]])[] = [
  [
    'a=1&b=2&a=3',
    [
      ['a', '1'],
      ['b', '2'],
      ['a', '3'],
    ],
  ],
  ['a=%7B+%7D', [['a', '{ }']]],
  ['a', [['a', '']]],
  [
    '=&a==',
    [
      ['', ''],
      ['a', '='],
    ],
  ],
  ['a=%zz&b=%&c=1', [['c', '1']]],
  ['a=1;b=2&c=3', [['c', '3']]],
  ['a=%C3%A9%ff', [['a', 'é\ufffd']]],
  ['', []],
]

test('forms are parsed as in Go', () => {
  for (const [form, values] of FORMS) assert.deepEqual(formValues(form), values, form)
})
