import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatAgo, formatClock, formatDateTime, formatMoment, formatNearMoment, formatShortClock } from './time.ts'

const time = new Date(2026, 10, 22, 4, 3, 5, 7).getTime()

describe('a moment', () => {
  it('as a clock time', () => assert.equal(formatClock(time), '04:03:05'))
  it('as a clock time in the afternoon', () =>
    assert.equal(formatClock(new Date(2026, 1, 1, 23, 0).getTime()), '23:00:00'))
  it('with seconds unless they are 0', () => {
    assert.equal(formatShortClock(time), '04:03:05')
    assert.equal(formatShortClock(new Date(2026, 10, 22, 4, 3).getTime()), '04:03')
  })
  it('with its date', () => assert.equal(formatMoment(time), '2026-11-22 04:03:05'))
  it('exactly', () => assert.equal(formatDateTime(time), '2026-11-22 04:03:05.007'))
  it('with its date only on another day', () => {
    assert.equal(formatNearMoment(time, time + 3_600_000), '04:03:05')
    assert.equal(formatNearMoment(time, time + 86_400_000), '2026-11-22 04:03:05')
  })
})

describe('how long ago', () => {
  for (const [seconds, text] of [
    [-5, 'now'],
    [0, 'now'],
    [12, '12 s ago'],
    [180, '3 min ago'],
    [7200, '2 h ago'],
    [345_600, '4 d ago'],
  ] as const) {
    it(text, () => assert.equal(formatAgo(time, time + seconds * 1000), text))
  }
})
