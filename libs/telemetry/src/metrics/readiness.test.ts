import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ReadinessCheck, reasonsOf } from './readiness.ts'

const rejected = async () => {
  throw new Error('gone')
}
/** A check as it may be written in plain JavaScript. */
const untyped = (check: () => unknown) => check as ReadinessCheck

const CHECKS: readonly (readonly [what: string, check: ReadinessCheck, reasons: readonly string[]])[] = [
  ['returns no reasons', () => [], []],
  ['returns reasons', () => ['one', 'two'], ['one', 'two']],
  ['returns reasons later', async () => ['one'], ['one']],
  [
    'throws',
    () => {
      throw new Error('gone')
    },
    ['a readiness check failed: gone'],
  ],
  [
    'throws something that is not an error',
    () => {
      throw 'gone'
    },
    ['a readiness check failed: gone'],
  ],
  ['rejects', rejected, ['a readiness check failed: gone']],
  ['hangs', () => new Promise(() => {}), ['a readiness check has not settled within 50 ms']],
  [
    'returns nothing',
    untyped(() => {}),
    ['a readiness check failed: it returned undefined instead of a list of reasons'],
  ],
  [
    'returns a boolean',
    untyped(() => true),
    ['a readiness check failed: it returned true instead of a list of reasons'],
  ],
]

for (const [what, check, reasons] of CHECKS)
  test(`a check that ${what} results in ${JSON.stringify(reasons)}`, async () => {
    assert.deepEqual(await reasonsOf(check, 50), reasons)
  })

test('a check that hangs is not called again', async () => {
  let calls = 0
  const { promise, resolve } = Promise.withResolvers<readonly string[]>()
  const check = () => {
    calls++
    return promise
  }
  await reasonsOf(check, 5)
  const second = reasonsOf(check, 60_000)
  resolve(['late'])
  assert.deepEqual(await second, ['late'])
  assert.equal(calls, 1)
  assert.deepEqual(await reasonsOf(check), ['late'])
  assert.equal(calls, 2)
})
