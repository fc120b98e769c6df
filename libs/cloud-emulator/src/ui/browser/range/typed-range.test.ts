import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TimeRange } from './time-range.ts'
import { parseTypedRange, typedRange } from './typed-range.ts'

const now = new Date(2026, 10, 29, 15, 30, 0).getTime()
const at = (hours: number, minutes: number, seconds = 0, day = 29): number =>
  new Date(2026, 10, day, hours, minutes, seconds).getTime()

describe('a typed range', () => {
  const cases: readonly (readonly [text: string, range: TimeRange | undefined])[] = [
    ['now-10m', { kind: 'last', seconds: 600 }],
    ['10m', { kind: 'last', seconds: 600 }],
    [' NOW-1h30m ', { kind: 'last', seconds: 5400 }],
    ['now-10m to now', { kind: 'last', seconds: 600 }],
    ['now-2h to now-1h', { kind: 'between', startMs: now - 7_200_000, endMs: now - 3_600_000 }],
    ['14:05 to 14:20', { kind: 'between', startMs: at(14, 5), endMs: at(14, 20) }],
    ['14:05:30 – 14:20', { kind: 'between', startMs: at(14, 5, 30), endMs: at(14, 20) }],
    ['2026-11-28 23:00 to 2026-11-29 01:00', { kind: 'between', startMs: at(23, 0, 0, 28), endMs: at(1, 0) }],
    ['14:20 to 14:05', undefined],
    ['25:00 to 26:00', undefined],
    ['14:05', undefined],
    ['yesterday', undefined],
    ['', undefined],
    ['now-10y', undefined],
    [`now-${'9'.repeat(50)}m`, undefined],
  ]
  for (const [text, range] of cases)
    it(JSON.stringify(text.slice(0, 40)), () => assert.deepEqual(parseTypedRange(text, now), range))
})

describe('the text of the field', () => {
  const ranges: readonly (readonly [range: TimeRange, text: string])[] = [
    [{ kind: 'last', seconds: 900 }, 'now-15m'],
    [{ kind: 'between', startMs: at(14, 5), endMs: at(14, 20) }, '14:05:00 to 14:20:00'],
    [{ kind: 'between', startMs: at(23, 0, 0, 28), endMs: at(1, 0) }, '2026-11-28 23:00:00 to 2026-11-29 01:00:00'],
  ]
  for (const [range, text] of ranges) {
    it(`${text}, which it also parses`, () => {
      assert.equal(typedRange(range, now), text)
      assert.deepEqual(parseTypedRange(text, now), range)
    })
  }
})
