import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { withoutComments } from './json-comments.ts'

describe('withoutComments', () => {
  for (const [json, value] of [
    ['{"a": 1}', { a: 1 }],
    ['{ // one\n "a": 1, /* two\n lines */ "b": 2 // end\n}', { a: 1, b: 2 }],
    ['{"url": "http://shop/*", "c": "\\"//"}', { url: 'http://shop/*', c: '"//' }],
    ['/**/{"a": "/* no */"}//', { a: '/* no */' }],
  ] as const) {
    it(json, () => {
      assert.deepEqual(JSON.parse(withoutComments(json)), value)
      assert.equal(withoutComments(json).length, json.length)
    })
  }
})
