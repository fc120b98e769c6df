import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { StartRequest } from '../../../contract/api.ts'
import { readStart } from './typed-start.ts'

function read(typed: Readonly<Record<string, string>>) {
  const form: Readonly<Record<string, string>> = { script: 's.yml', target: 'http://t', level: '10', ...typed }
  return readStart('rate', ['count', 'word'], (name) => form[name] ?? '')
}

describe('a start that was typed', () => {
  const cases: [typed: Readonly<Record<string, string>>, request: Partial<StartRequest>][] = [
    [{}, {}],
    [
      { scenario: 'buy', environment: 'live' },
      { scenario: 'buy', environment: 'live' },
    ],
    [{ tags: ' a, ,b ' }, { tags: ['a', 'b'] }],
    [{ tags: ' , ' }, {}],
    [{ percentiles: '50, 99.5,' }, { percentiles: [50, 99.5] }],
    [{ 'variable-count': '3' }, { variables: { count: 3 } }],
    [{ 'variable-count': '[1, 2]', 'variable-word': 'hello' }, { variables: { count: [1, 2], word: 'hello' } }],
    [{ 'variable-other': 'x' }, {}],
    [{ durationSeconds: '5m' }, { durationSeconds: 300 }],
  ]
  for (const [typed, request] of cases)
    it(JSON.stringify(typed), () =>
      assert.deepEqual(read(typed), {
        request: { script: 's.yml', target: 'http://t', rate: 10, ...request },
        problems: [],
      }),
    )
})

describe('a start that cannot be read', () => {
  for (const [typed, fields] of [
    [{ percentiles: '50; 99' }, ['percentiles']],
    [{ percentiles: 'p95' }, ['percentiles']],
    [{ percentiles: '0' }, ['percentiles']],
    [{ percentiles: '100.1' }, ['percentiles']],
    [{ percentiles: '95 %' }, ['percentiles']],
    [{ level: '2,5', percentiles: 'x', durationSeconds: 'long' }, ['level', 'durationSeconds', 'percentiles']],
  ] as const)
    it(`tells what is wrong with ${fields.join(' and ')}: ${JSON.stringify(typed)}`, () =>
      assert.deepEqual(
        read(typed).problems.map(({ field }) => field),
        fields,
      ))
})
