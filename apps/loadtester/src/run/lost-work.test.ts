import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Setpoint } from '../protocol/setpoint.ts'
import { missedArrivals, missedUnderAll } from './lost-work.ts'

describe('missedArrivals', () => {
  const setpoint: Setpoint = {
    runId: 'r',
    epoch: 1,
    model: 'open',
    runStartMs: 10_000,
    activeMs: 0,
    startMs: 10_000,
    firstPosition: 0,
    segments: [{ durationSeconds: null, from: 30, to: 30 }],
    workers: ['a', 'b', 'c'].map((id) => ({ id, weight: 1, users: 0 })),
    maximumUsers: 100,
  }
  for (const { id, fromMs, toMs, missed } of [
    { id: 'a', fromMs: 12_000, toMs: 13_000, missed: 10 },
    { id: 'b', fromMs: 12_000, toMs: 12_250, missed: 3 },
    { id: 'a', fromMs: 9000, toMs: 10_000, missed: 0 },
    { id: 'x', fromMs: 12_000, toMs: 13_000, missed: 0 },
  ]) {
    it(`counts ${missed} for ${id} from ${fromMs} to ${toMs}`, () => {
      assert.equal(missedArrivals(setpoint, id, fromMs, toMs), missed)
    })
  }

  it('counts what was due under each setpoint that was in effect, and all that an earlier master may have shared', () => {
    const shared = { ...setpoint, firstPosition: 300 }
    const next = { ...shared, epoch: 2, startMs: 12_000, firstPosition: 360, workers: shared.workers.slice(1) }
    assert.equal(missedUnderAll([shared, next], 'a', 11_000, 13_000), 10)
    assert.equal(missedUnderAll([shared, next], 'b', 11_000, 13_000), 25)
    const restarted = { ...shared, runStartMs: 0 }
    assert.equal(missedUnderAll([restarted], 'a', 8000, 11_000), 70)
  })
})
