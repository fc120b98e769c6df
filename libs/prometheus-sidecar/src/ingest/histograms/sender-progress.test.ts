import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SenderProgress } from './sender-progress.ts'

test('no sender is behind before the first batch', () => {
  assert.equal(new SenderProgress(100).isBehind(10, 0), false)
})

test('the slowest sender counts until it has been silent for a while', () => {
  const progress = new SenderProgress(100)
  progress.note(50, 0)
  progress.note(20, 10)
  progress.note(60, 20)
  const cases: [timestampMs: number, nowMs: number, behind: boolean][] = [
    [20, 30, false],
    [21, 30, true],
    [21, 109, true],
    [21, 110, false],
    [61, 110, true],
    [61, 120, false],
  ]
  for (const [timestampMs, nowMs, behind] of cases) {
    assert.equal(progress.isBehind(timestampMs, nowMs), behind, `${timestampMs} at ${nowMs}`)
  }
})
