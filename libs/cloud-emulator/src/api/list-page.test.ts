import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { pageOf } from './list-page.ts'

const items = ['a', 'b', 'c', 'd', 'e']
const page = (pageSize: number, pageToken = '', fingerprint = 'x') =>
  pageOf(items, { pageSize, pageToken, fingerprint, maxPageSize: 4 })

test('pages follow one another to the end', () => {
  const first = page(2)
  const second = page(2, first.nextPageToken)
  const third = page(2, second.nextPageToken)
  assert.deepEqual([first.items, second.items, third.items], [['a', 'b'], ['c', 'd'], ['e']])
  assert.equal(third.nextPageToken, '')
})

test('no size, or one that is too large, gives the largest', () => {
  assert.deepEqual(page(0).items, ['a', 'b', 'c', 'd'])
  assert.deepEqual(page(100).items, ['a', 'b', 'c', 'd'])
})

test('a list that just fits has no second page', () => {
  assert.equal(
    pageOf(items.slice(0, 4), { pageSize: 4, pageToken: '', fingerprint: '', maxPageSize: 10 }).nextPageToken,
    '',
  )
})

describe('refused requests', () => {
  const cases: [what: string, run: () => unknown, message: RegExp][] = [
    ['a negative size', () => page(-1), /Field pageSize had an invalid value of "-1"/],
    [
      'a token of another request',
      () => page(2, page(2, '', 'y').nextPageToken),
      /The page token is not of this request/,
    ],
    ['a token that was made up', () => page(2, 'abc'), /Field pageToken had an invalid value of "abc"/],
  ]
  for (const [what, run, message] of cases) test(what, () => assert.throws(run, { code: 'INVALID_ARGUMENT', message }))
})
