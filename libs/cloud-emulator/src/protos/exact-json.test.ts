import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseExactJson } from './exact-json.ts'

describe('integers that a number would round are kept, everything else is the same as with JSON.parse', () => {
  const cases: [text: string, value: unknown][] = [
    ['{"a": 9223372036854775807}', { a: 9223372036854775807n }],
    [
      '[-9007199254740993,1796073661000000001 , 18446744073709551615]',
      [-9007199254740993n, 1796073661000000001n, 18446744073709551615n],
    ],
    [
      '[9007199254740991, 1234567890123456.5, 12345678901234567e3]',
      [9007199254740991, 1234567890123456.5, 12345678901234567e3],
    ],
    ['{"a": "x: 9007199254740993", "b": "9007199254740993"}', { a: 'x: 9007199254740993', b: '9007199254740993' }],
    [`[${'9'.repeat(21)}]`, [1e21]],
  ]
  for (const [text, value] of cases) test(text, () => assert.deepEqual(parseExactJson(text), value))
  test('invalid JSON', () => assert.throws(() => parseExactJson('{"a": 9223372036854775807'), SyntaxError))
})
