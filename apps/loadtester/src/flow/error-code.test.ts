import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { errorCodeOf, isNetworkError } from './error-code.ts'

const circular: Record<string, unknown> = {}
circular.self = circular

describe('errorCodeOf', () => {
  for (const [error, code] of [
    ['text', 'text'],
    [undefined, 'undefined'],
    [new Error('a message'), 'a message'],
    [new TypeError(''), 'TypeError'],
    [Object.assign(new Error('Parse Error'), { code: 'HPE_INVALID_CONSTANT' }), 'HPE_INVALID_CONSTANT'],
    [{ code: 'E_PLAIN' }, 'E_PLAIN'],
    [{ code: 418, message: 'x' }, '418'],
    [{ code: '', message: 'a plain message' }, 'a plain message'],
    [{ status: 'odd' }, '{"status":"odd"}'],
    [circular, 'an object without a code or a message'],
  ] as const) {
    it(`names ${code}`, () => assert.equal(errorCodeOf(error), code))
  }
})

describe('isNetworkError', () => {
  for (const [code, isOne] of [
    ['ECONNREFUSED', true],
    ['ETIMEDOUT', true],
    ['ENOTFOUND', true],
    ['ERR_SCRIPT', false],
    ['a message', false],
  ] as const) {
    it(`is ${isOne} for ${code}`, () => assert.equal(isNetworkError({ code }), isOne))
  }
})
