import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ReadinessCheck, reasonsOf } from './readiness.ts'

const rejected = async () => {
  throw new Error('gone')
}
/** A check that a program in JavaScript may be written with. */
const untyped = (check: () => unknown) => check as ReadinessCheck

const CHECKS: readonly (readonly [what: string, check: ReadinessCheck, reasons: readonly string[]])[] = [
  ['is content', () => [], []],
  ['has reasons', () => ['one', 'two'], ['one', 'two']],
  ['has reasons later', async () => ['one'], ['one']],
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
  ['gives nothing', untyped(() => {}), ['a readiness check failed: it gave undefined instead of a list of reasons']],
  ['gives a boolean', untyped(() => true), ['a readiness check failed: it gave true instead of a list of reasons']],
]

for (const [what, check, reasons] of CHECKS)
  test(`a check that ${what} gives ${JSON.stringify(reasons)}`, async () => {
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
