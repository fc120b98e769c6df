import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Totals } from './totals.ts'

for (const [title, lines, expected] of [
  ['no run', [], '0 passed, 0 failed, 0 skipped in 0 test runs'],
  [
    'two runs',
    ['ℹ tests 5', 'ℹ pass 3', 'ℹ fail 1', 'ℹ skipped 1', 'ℹ todo 0', 'ℹ duration_ms 81.5', 'ℹ pass 10', 'ℹ fail 0'],
    '13 passed, 1 failed, 1 skipped in 2 test runs',
  ],
  ['cancelled tests', ['ℹ pass 1', 'ℹ cancelled 2'], '1 passed, 0 failed, 2 cancelled, 0 skipped in 1 test runs'],
  ["a test's own output", ['pass 7', '✔ ℹ pass 8 (1 ms)'], '0 passed, 0 failed, 0 skipped in 0 test runs'],
] as const) {
  test(`totals of ${title}`, () => {
    const totals = new Totals()
    for (const line of lines) totals.add(line)
    assert.equal(String(totals), expected)
  })
}
