import assert from 'node:assert/strict'
import { test } from 'node:test'
import { promqlString } from './promql-string.ts'

const cases: readonly { readonly text: string; readonly expected: string }[] = [
  { text: '', expected: '""' },
  { text: 'api', expected: '"api"' },
  { text: 'say "hi"', expected: '"say \\"hi\\""' },
  { text: 'C:\\new', expected: '"C:\\\\new"' },
  { text: 'two\nlines', expected: '"two\\nlines"' },
]

for (const { text, expected } of cases) {
  test(`the PromQL string literal of ${JSON.stringify(text)}`, () => {
    assert.equal(promqlString(text), expected)
  })
}
