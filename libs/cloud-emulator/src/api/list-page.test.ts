import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { pageOf } from './list-page.ts'

const items = ['a', 'b', 'c', 'd', 'e']
const sortKeyOf = (item: string) => [item]
const page = (pageSize: number, pageToken = '', fingerprint = 'x', list: readonly string[] = items) =>
  pageOf(list, { pageSize, pageToken, fingerprint, maxPageSize: 4, sortKeyOf })

test('pages follow one another to the end', () => {
  const first = page(2)
  const second = page(2, first.nextPageToken)
  const third = page(2, second.nextPageToken)
  assert.deepEqual([first.items, second.items, third.items], [['a', 'b'], ['c', 'd'], ['e']])
  assert.equal(third.nextPageToken, '')
})

test('items are in the order of their sort keys, or in reverse', () => {
  const list = [
    [2, 'x'],
    [10, 'a'],
    [2, 'a'],
  ] as const
  const all = (descending: boolean) =>
    pageOf(list, { pageSize: 0, pageToken: '', fingerprint: '', maxPageSize: 9, sortKeyOf: (item) => item, descending })
      .items
  assert.deepEqual(all(false), [
    [2, 'a'],
    [2, 'x'],
    [10, 'a'],
  ])
  assert.deepEqual(all(true), [
    [10, 'a'],
    [2, 'x'],
    [2, 'a'],
  ])
})

describe('a list that changes between pages', () => {
  const first = page(2)
  const cases: [what: string, list: string[], next: string[]][] = [
    ['returned items are deleted', ['c', 'd', 'e'], ['c', 'd', 'e']],
    ['the last returned item is deleted', ['a', 'c', 'd'], ['c', 'd']],
    ['an earlier one is added', ['0', 'a', 'b', 'c'], ['c']],
    ['a later one is added', ['a', 'b', 'b2', 'c'], ['b2', 'c']],
    ['nothing is left', [], []],
  ]
  for (const [what, list, next] of cases)
    test(what, () => assert.deepEqual(page(4, first.nextPageToken, 'x', list).items, next))

  test('a loop that lists and deletes leaves nothing behind', () => {
    const left = new Set(items)
    let token = ''
    do {
      const { items: some, nextPageToken } = page(2, token, 'x', [...left])
      for (const item of some) left.delete(item)
      token = nextPageToken
    } while (token !== '')
    assert.equal(left.size, 0)
  })
})

test('without a size, or with one that is too large, the maximum is used', () => {
  assert.deepEqual(page(0).items, ['a', 'b', 'c', 'd'])
  assert.deepEqual(page(100).items, ['a', 'b', 'c', 'd'])
})

test('a list that just fits has no second page', () => {
  assert.equal(page(4, '', '', items.slice(0, 4)).nextPageToken, '')
})

describe('rejected requests', () => {
  const cases: [what: string, run: () => unknown, message: RegExp][] = [
    ['a negative size', () => page(-1), /Field pageSize had an invalid value of "-1"/],
    [
      'a token of another request',
      () => page(2, page(2, '', 'y').nextPageToken),
      /The page token is from a different request/,
    ],
    ['an invented token', () => page(2, 'abc'), /Field pageToken had an invalid value of "abc"/],
    ['a changed token', () => page(2, `Z${page(2).nextPageToken}`), /The page token is from a different request/],
  ]
  for (const [what, run, message] of cases) test(what, () => assert.throws(run, { code: 'INVALID_ARGUMENT', message }))
})
