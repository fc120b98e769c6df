import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type CumulativeCursor, stepCumulative, type WrittenInterval } from './cumulative.ts'

const NEW: CumulativeCursor = { startMs: Number.NaN, resetValue: 0, lastMs: Number.NaN, lastValue: Number.NaN }
const NOTHING: WrittenInterval = { startMs: Number.NaN, endMs: Number.NaN }
const RUNNING: CumulativeCursor = { startMs: 1000, resetValue: 5, lastMs: 20_000, lastValue: 50 }
const WRITTEN: WrittenInterval = { startMs: 1000, endMs: 20_000 }

describe('stepCumulative', () => {
  const cases: readonly {
    title: string
    cursor?: CumulativeCursor
    written?: WrittenInterval
    at?: number
    value: number
    createdMs?: number
    restarted?: boolean
    minMs?: number
    expected: readonly [startMs: number, resetValue: number, drop?: string]
  }[] = [
    {
      title: 'uses the first sample as the baseline',
      cursor: NEW,
      written: NOTHING,
      at: 1000,
      value: 5,
      expected: [1000, 5, 'first_sample'],
    },
    {
      title: 'counts from the start that the target reports',
      cursor: NEW,
      written: NOTHING,
      at: 1000,
      value: 5,
      createdMs: 400,
      expected: [400, 0],
    },
    {
      title: 'ignores a start after the sample',
      cursor: NEW,
      written: NOTHING,
      at: 1000,
      value: 5,
      createdMs: 1000,
      expected: [1000, 5, 'first_sample'],
    },
    {
      title: 'does not start inside the written interval',
      cursor: NEW,
      value: 5,
      createdMs: 19_000,
      expected: [30_000, 5, 'first_sample'],
    },
    { title: 'continues the interval', value: 60, expected: [1000, 5] },
    { title: 'continues the interval when nothing was counted', value: 50, expected: [1000, 5] },
    { title: 'resets a millisecond before a lower value', value: 3, expected: [29_999, 0] },
    { title: 'resets at the start that the target reports', value: 3, createdMs: 25_000, expected: [25_000, 0] },
    { title: 'does not reset at an old start', value: 3, createdMs: 500, expected: [29_999, 0] },
    {
      title: 'resets if the target says so, although the value rose',
      value: 60,
      createdMs: 25_000,
      restarted: true,
      expected: [25_000, 0],
    },
    {
      title: 'drops points that are too close, and keeps the interval',
      at: 24_999,
      value: 60,
      minMs: 5000,
      expected: [1000, 5, 'too_frequent'],
    },
    {
      title: 'accepts points at exactly the minimum distance',
      at: 25_000,
      value: 60,
      minMs: 5000,
      expected: [1000, 5],
    },
    {
      title: 'keeps a reset of a point that is too close',
      at: 22_000,
      value: 1,
      minMs: 5000,
      expected: [21_999, 0, 'too_frequent'],
    },
    {
      title: 'drops a point that another series has already passed',
      written: { startMs: 1000, endMs: 30_000 },
      value: 60,
      expected: [1000, 5, 'out_of_order'],
    },
    {
      title: 'drops a start inside another series’ interval',
      written: { startMs: 10_000, endMs: 20_000 },
      value: 60,
      expected: [1000, 5, 'out_of_order'],
    },
  ]
  for (const { title, cursor = RUNNING, written = WRITTEN, at = 30_000, value, expected, ...rest } of cases) {
    it(title, () => {
      const sample = {
        timestampMs: at,
        value,
        createdMs: rest.createdMs ?? Number.NaN,
        restarted: rest.restarted ?? false,
      }
      const { startMs, resetValue, drop } = stepCumulative(cursor, written, sample, rest.minMs ?? 0)
      assert.deepEqual([startMs, resetValue, ...(drop === undefined ? [] : [drop])], expected)
    })
  }
})
