import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hasWords } from './words.ts'

describe('a search for words', () => {
  for (const [text, search, found] of [
    ['Requests by status', 'STATUS  req', true],
    ['Requests by status', 'status code', false],
    ['Requests by status', '  ', true],
    ['', '', true],
    ['', 'a', false],
  ] as const)
    it(`${JSON.stringify(search)} is ${found ? '' : 'not '}in ${JSON.stringify(text)}`, () =>
      assert.equal(hasWords(text, search), found))
})
