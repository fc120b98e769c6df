import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseHeaders, rawHeaderValues } from './raw-headers.ts'

const raw = (...texts: string[]): Buffer[] => texts.map((text) => Buffer.from(text, 'latin1'))

test('headers are parsed as Node parses them', () => {
  const headers = parseHeaders(
    raw(
      'Content-Type',
      'text/plain',
      'Set-Cookie',
      'a=1',
      'set-cookie',
      'b=2',
      'Vary',
      'x',
      'vary',
      'y',
      'content-type',
      'ignored',
      'X-L',
      '\xe9',
    ),
  )
  assert.deepEqual(headers, { 'content-type': 'text/plain', 'set-cookie': ['a=1', 'b=2'], vary: 'x, y', 'x-l': 'é' })
})

test('one header is found in any case, and no other of its length', () => {
  const headers = raw(
    'Connection',
    'close',
    'Keep-Alive',
    'x',
    'Set-Cookie',
    'a=1',
    'SET-COOKIE',
    'b=2',
    'sat-cookie',
    'no',
  )
  assert.deepEqual(rawHeaderValues(headers, 'set-cookie'), ['a=1', 'b=2'])
  assert.equal(rawHeaderValues(headers, 'location'), undefined)
})
