import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { placedError } from './error-place.ts'

describe('an error in a query', () => {
  for (const [what, query, error, part, before] of [
    ['at a function', 'rat(up)', '1:1: parse error: unknown function with name "rat"', 'rat', ''],
    ['inside', 'sum(rate(up))', 'prometheusQuery: 1:10: parse error: expected type range vector', 'up', 'sum(rate('],
    ['in another line', 'sum(\n  up[)', '2:6: parse error: missing unit', ')', 'sum(\n  up['],
    ['at the end', 'sum(', '1:5: parse error: unclosed left parenthesis', '⏎', 'sum('],
    ['at an operator', 'a ++* b', '1:5: parse error: unexpected <op:*>', '*', 'a ++'],
    ['without a position', 'up', 'query timed out in expression evaluation', '', ''],
  ] as const) {
    it(what, () => {
      const placed = placedError(query, error)
      assert.deepEqual([placed.part, placed.before], [part, before])
      assert.ok(!placed.message.startsWith('prometheusQuery'))
      if (part !== '' && part !== '⏎') assert.equal(placed.before + placed.part + placed.after, query)
    })
  }
})
