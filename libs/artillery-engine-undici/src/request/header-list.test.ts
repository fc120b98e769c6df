import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withoutHeader } from './header-list.ts'

test('a header is removed from a flat list by its name, never by a value', () => {
  assert.deepEqual(withoutHeader(['a', 'cookie', 'cookie', 'x', 'b', '2', 'cookie', 'y'], 'cookie'), [
    'a',
    'cookie',
    'b',
    '2',
  ])
})
