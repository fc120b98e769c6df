import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { markupOf, textOf } from '@node-to-cloud/browser-kit/testing/view-text'
import type { InstantAnswer } from '../../client/promql-client.ts'
import { instantRows, instantTable } from './instant-table.ts'

const vector = (...values: string[]): InstantAnswer => ({
  resultType: 'vector',
  result: values.map((value, index) => ({ metric: { __name__: 'up', job: `j${index}` }, value: [0, value] as const })),
})

describe('the rows of a result', () => {
  const cases: [what: string, answer: InstantAnswer, values: readonly string[]][] = [
    ['numbers', vector('12345', '0.5', 'NaN', '+Inf'), ['12,345', '0.5', 'NaN', '+Inf']],
    [
      'a histogram',
      { resultType: 'vector', result: [{ metric: {}, histogram: [0, { count: '1200', sum: '3.5' }] }] },
      ['histogram: count 1,200, sum 3.5'],
    ],
    [
      'a range: its newest samples',
      {
        resultType: 'matrix',
        result: [{ metric: {}, values: Array.from({ length: 12 }, (_, index) => [index, String(index)] as const) }],
      },
      ['2  3  4  5  6  7  8  9  10  11'],
    ],
    ['a range without samples', { resultType: 'matrix', result: [{ metric: {} }] }, ['']],
    ['a scalar', { resultType: 'scalar', result: [0, '1500'] }, ['1,500']],
    ['a string', { resultType: 'string', result: [0, 'text'] }, ['text']],
  ]
  for (const [what, answer, values] of cases)
    test(what, () =>
      assert.deepEqual(
        instantRows(answer).map(({ value }) => value),
        values,
      ),
    )
})

describe('the table', () => {
  const cellsOf = (answer: InstantAnswer): string =>
    textOf(markupOf(instantTable(answer)).replaceAll(/<\/t[dh]>/g, ' '))
  test('has a column for each label, name first, and the largest values first', () =>
    assert.equal(cellsOf(vector('1', 'NaN', '3')), 'metric job value up j2 3 up j0 1 up j1 NaN'))
  test('says how many series it omits', () =>
    assert.match(cellsOf(vector(...Array.from({ length: 1700 }, () => '1'))), /1,200 more series$/))
  test('says that there is no result', () => assert.equal(cellsOf(vector()), 'No series has a value at this time.'))
})
