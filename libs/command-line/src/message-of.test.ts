import assert from 'node:assert/strict'
import { test } from 'node:test'
import { messageOf } from './message-of.ts'

for (const [title, thrown, expected] of [
  ['an error', new TypeError('broken'), 'broken'],
  ['an error without a message', new TypeError(), 'TypeError'],
  [
    'a failed connection',
    new AggregateError([new Error('::1 refused'), new Error('127.0.0.1 refused')]),
    '::1 refused; 127.0.0.1 refused',
  ],
  ['a string', 'broken', 'broken'],
  ['nothing', undefined, 'undefined'],
] as const) {
  test(title, () => assert.equal(messageOf(thrown), expected))
}
