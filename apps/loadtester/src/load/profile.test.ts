import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { LoadProfile } from './profile.ts'

const ramp = new LoadProfile([
  { durationSeconds: 10, from: 0, to: 20 },
  { durationSeconds: 5, from: 0, to: 0 },
  { durationSeconds: 10, from: 20, to: 20 },
])

describe('LoadProfile', () => {
  for (const [seconds, level, area] of [
    [-1, 0, 0],
    [0, 0, 0],
    [5, 10, 25],
    [10, 0, 100],
    [12, 0, 100],
    [15, 20, 100],
    [20, 20, 200],
    [25, 0, 300],
    [99, 0, 300],
  ] as const) {
    it(`has the level ${level} and the area ${area} at ${seconds} s`, () => {
      assert.equal(ramp.levelAt(seconds), level)
      assert.equal(ramp.areaAt(seconds), area)
    })
  }

  it('finds the time of an area, also after a pause and at the foot of a ramp', () => {
    assert.equal(ramp.timeOfArea(0), 0)
    assert.equal(ramp.timeOfArea(25), 5)
    assert.equal(ramp.timeOfArea(100), 15)
    assert.equal(ramp.timeOfArea(200), 20)
    assert.equal(ramp.timeOfArea(301), Number.POSITIVE_INFINITY)
    assert.equal(LoadProfile.constant(0).timeOfArea(0), Number.POSITIVE_INFINITY)
  })

  it('has the area at the time of the area, for ramps up and down', () => {
    const down = new LoadProfile([
      { durationSeconds: 7, from: 30, to: 0.5 },
      { durationSeconds: 3, from: 0.5, to: 11 },
    ])
    for (let area = 0.25; area < down.areaAt(10); area += 0.75) {
      assert.ok(Math.abs(down.areaAt(down.timeOfArea(area)) - area) < 1e-6, `area ${area}`)
    }
  })

  it('is what is left of it after any time', () => {
    for (const seconds of [0, 3, 10, 12, 18, 25]) {
      const rest = ramp.after(seconds)
      assert.ok(Math.abs(rest.areaAt(100) - (300 - ramp.areaAt(seconds))) < 1e-9, `after ${seconds} s`)
      assert.ok(Math.abs(rest.durationSeconds - (25 - seconds)) < 1e-9)
    }
    assert.equal(LoadProfile.constant(5).after(1000).levelAt(1), 5)
  })

  for (const segment of [
    { durationSeconds: 1, from: Number.NaN, to: 1 },
    { durationSeconds: 1, from: -1, to: 1 },
    { durationSeconds: -1, from: 1, to: 1 },
    { durationSeconds: Number.POSITIVE_INFINITY, from: 1, to: 2 },
  ]) {
    it(`refuses ${JSON.stringify(segment)}`, () => {
      assert.throws(() => new LoadProfile([segment]), RangeError)
    })
  }
})
