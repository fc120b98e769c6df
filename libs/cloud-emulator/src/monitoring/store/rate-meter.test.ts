import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RateMeter } from './rate-meter.ts'

const SECOND = 1_000_000
const T0 = 1_767_323_040 * SECOND

test('a steady rate is exact from the first seconds on', () => {
  const meter = new RateMeter()
  for (let second = 0; second <= 300; second++) {
    meter.add(10, T0 + second * SECOND)
    const rate = meter.perSecond(T0 + second * SECOND)
    if (second > 5) assert.ok(rate > 9 && rate < 12.5, `${rate} after ${second} s`)
  }
})

test("events more than a minute ago don't count", () => {
  const meter = new RateMeter()
  assert.equal(meter.perSecond(T0), 0)
  meter.add(1000, T0)
  assert.ok(meter.perSecond(T0 + 30 * SECOND) > 0)
  assert.equal(meter.perSecond(T0 + 61 * SECOND), 0)
  assert.equal(meter.perSecond(T0 + 3600 * SECOND), 0)
})
