import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { monotonicNowMs } from './monotonic-clock.ts'

test('is right, and stays right when the system clock is set back', (context) => {
  const beforeMs = monotonicNowMs()
  assert.ok(Math.abs(beforeMs - Date.now()) < 10_000)
  mock.timers.enable({ apis: ['Date'], now: beforeMs - 3_600_000 })
  context.after(() => mock.timers.reset())
  assert.ok(Date.now() < beforeMs && monotonicNowMs() >= beforeMs)
})
