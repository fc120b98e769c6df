import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { LoadPlan } from './load-plan.ts'
import { LoadProfile } from './profile.ts'

const flat = (level: number, durationSeconds: number): LoadProfile =>
  new LoadProfile([{ durationSeconds, from: level, to: level }])

describe('LoadPlan', () => {
  it('keeps the position across changes of the level', () => {
    const plan = new LoadPlan('open', flat(10, 60), 1000)
    assert.equal(plan.positionAt(3000), 20)
    plan.setLevel(4, 3000)
    assert.equal(plan.positionAt(3000), 20)
    assert.equal(plan.positionAt(5000), 28)
    assert.equal(plan.levelAt(5000), 4)
    assert.equal(plan.endMs, 61_000)
  })

  it('resumes where it was paused: the end moves back by the length of the pause', () => {
    const plan = new LoadPlan('open', flat(10, 60), 0)
    plan.pause(10_000)
    assert.ok(plan.isPaused)
    assert.equal(plan.levelAt(15_000), 0)
    assert.equal(plan.positionAt(15_000), 100)
    assert.equal(plan.endMs, Number.POSITIVE_INFINITY)
    plan.resume(30_000)
    assert.equal(plan.endMs, 80_000)
    assert.equal(plan.positionAt(80_000), 600)
  })

  it('resumes with the level that is set during a pause', () => {
    const plan = new LoadPlan('open', flat(10, 60), 0)
    plan.pause(20_000)
    plan.setLevel(1, 50_000)
    assert.ok(!plan.isPaused)
    assert.equal(plan.positionAt(999_999), 240)
  })

  it('continues with the rest of a ramp for another fleet', () => {
    const plan = new LoadPlan('open', new LoadProfile([{ durationSeconds: 10, from: 0, to: 10 }]), 0)
    const leg = plan.continueAt(4000)
    assert.equal(leg.firstPosition, 8)
    assert.deepEqual(leg.profile.segments, [{ durationSeconds: 6, from: 4, to: 10 }])
    assert.equal(plan.positionAt(10_000), 50)
  })

  it('has no position in the closed model', () => {
    assert.equal(new LoadPlan('closed', flat(10, 60), 0).positionAt(5000), 0)
  })

  it('keeps an endless load endless', () => {
    const plan = new LoadPlan('open', LoadProfile.constant(1), 0)
    plan.setLevel(3, 1000)
    assert.equal(plan.endMs, Number.POSITIVE_INFINITY)
  })
})
