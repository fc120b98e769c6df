import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorName, transportError } from './errors.ts'

const cyclic: Record<string, unknown> = {}
cyclic.self = cyclic

const NAMES: readonly [error: unknown, name: string][] = [
  [new Error('refused'), 'refused'],
  [Object.assign(new Error('refused'), { code: 'EREFUSED' }), 'EREFUSED'],
  [{ code: 'EPLAIN', message: 'plain' }, 'EPLAIN'],
  [{ code: 404 }, '404'],
  [{ code: '', message: 'plain' }, 'plain'],
  [{ message: 'plain' }, 'plain'],
  [{ reason: 'full' }, '{"reason":"full"}'],
  [{ reason: 'x'.repeat(1000) }, `{"reason":"${'x'.repeat(89)}`],
  [cyclic, 'an object without a code or a message'],
  ['text', 'text'],
  [undefined, 'undefined'],
]

for (const [error, name] of NAMES) {
  test(`an error is counted as ${name.slice(0, 40)}`, () => assert.equal(errorName(error), name))
}

const TRANSPORT: readonly [code: string | undefined, message: string, expected: string][] = [
  ['UND_ERR_CONNECT_TIMEOUT', 'Connect Timeout Error', 'ETIMEDOUT'],
  ['UND_ERR_SOCKET', 'other side closed', 'ECONNRESET'],
  ['UND_ERR_HEADERS_OVERFLOW', 'Headers Overflow Error', 'HPE_HEADER_OVERFLOW'],
  ['ECONNREFUSED', 'connect ECONNREFUSED', 'ECONNREFUSED'],
  [undefined, 'Response does not match the HTTP/1.1 protocol (Invalid status code)', 'HPE_INVALID_STATUS'],
  [undefined, 'Response does not match the HTTP/1.1 protocol (Something new)', 'HPE_INTERNAL'],
  [undefined, 'something else', 'something else'],
]

for (const [code, message, expected] of TRANSPORT) {
  test(`undici's ${code ?? message} is counted as ${expected}`, () => {
    assert.equal(errorName(transportError(Object.assign(new Error(message), code !== undefined && { code }))), expected)
  })
}
