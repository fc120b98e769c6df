import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { endsOf, fittingRange, formatTimeRange, parseTimeRange, zoomOut, zoomTo } from './time-range.ts'

describe('a time range in the address', () => {
  for (const [text, range] of [
    ['15m', { kind: 'last', seconds: 900 }],
    ['1h', { kind: 'last', seconds: 3600 }],
    ['90s', { kind: 'last', seconds: 90 }],
    ['2d', { kind: 'last', seconds: 172_800 }],
    ['1700000000000-1700000060000', { kind: 'between', startMs: 1_700_000_000_000, endMs: 1_700_000_060_000 }],
  ] as const) {
    it(`parses and formats ${text}`, () => {
      assert.deepEqual(parseTimeRange(text), range)
      assert.equal(formatTimeRange(range), text)
    })
  }

  for (const text of ['', '0m', '15', 'm', '-5m', '1.5h', '9999999d', '1700000060000-1700000000000', '<script>']) {
    it(`rejects ${JSON.stringify(text)}`, () => assert.equal(parseTimeRange(text), undefined))
  }
})

describe('the ends of a range', () => {
  it('move with the clock for a range until now', () => {
    assert.deepEqual(endsOf({ kind: 'last', seconds: 60 }, 1_000_000), { startMs: 940_000, endMs: 1_000_000 })
  })
  it('are whole milliseconds, although the clock of a page is not', () => {
    assert.deepEqual(endsOf({ kind: 'last', seconds: 60 }, 1_000_000.5), { startMs: 940_000, endMs: 1_000_000 })
  })
  it('are constant for a fixed interval', () => {
    assert.deepEqual(endsOf({ kind: 'between', startMs: 5, endMs: 9 }, 1_000_000), { startMs: 5, endMs: 9 })
  })
})

describe('zoom', () => {
  it('accepts the two ends of a drag in either direction', () => {
    assert.deepEqual(zoomTo(300_000, 100_000), { kind: 'between', startMs: 100_000, endMs: 300_000 })
  })
  it('is never shorter than a minute, with the same centre', () => {
    assert.deepEqual(zoomTo(100_000, 110_000), { kind: 'between', startMs: 75_000, endMs: 135_000 })
  })
  it('out doubles the range, and follows the clock once its end reaches now', () => {
    assert.deepEqual(zoomOut({ kind: 'last', seconds: 900 }, 0), { kind: 'last', seconds: 1800 })
    const between = { kind: 'between', startMs: 600_000, endMs: 720_000 } as const
    assert.deepEqual(zoomOut(between, 2_000_000), { kind: 'between', startMs: 540_000, endMs: 780_000 })
    assert.deepEqual(zoomOut(between, 730_000), { kind: 'last', seconds: 240 })
  })
})

describe('the range if none is chosen', () => {
  const now = 1_700_000_000_000
  for (const [what, firstPointMs, seconds] of [
    ['no data', null, 900],
    ['no summary', undefined, 900],
    ['data of two minutes', now - 120_000, 300],
    ['data of nine minutes', now - 540_000, 300],
    ['data of ten minutes', now - 600_000, 900],
    ['data of hours', now - 7_200_000, 900],
  ] as const) {
    it(`fits ${what}`, () => assert.deepEqual(fittingRange(firstPointMs, now), { kind: 'last', seconds }))
  }
})
