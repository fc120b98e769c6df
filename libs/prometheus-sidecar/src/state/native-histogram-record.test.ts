import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NativeHistogram } from '../model/native-histogram.ts'
import { JournalFormatError } from './journal-format-error.ts'
import { decodeNativeHistogram, encodeNativeHistogram } from './native-histogram-record.ts'

const HISTOGRAM: NativeHistogram = {
  timestampMs: Number.NaN,
  createdMs: Number.NaN,
  schema: -4,
  count: 2 ** 53,
  sum: -0.1,
  zeroThreshold: 1e-128,
  zeroCount: 2.5,
  positive: { indexes: [-1000, 0, 3], counts: [1, 2 ** 52, 0.25] },
  negative: { indexes: [7], counts: [2 ** 60] },
  customBounds: [],
  gauge: false,
  reset: false,
  stale: false,
}

test('a native histogram is read back unchanged', () => {
  const custom = { ...HISTOGRAM, schema: -53, negative: { indexes: [], counts: [] }, customBounds: [-1, 0, 1e300] }
  for (const histogram of [HISTOGRAM, custom])
    assert.deepEqual(decodeNativeHistogram(encodeNativeHistogram(histogram)), histogram)
  assert.equal(decodeNativeHistogram(Buffer.alloc(0)), undefined)
})

test('a truncated one is an error', () => {
  const bytes = encodeNativeHistogram(HISTOGRAM)
  for (let length = 1; length < bytes.length; length++)
    assert.throws(() => decodeNativeHistogram(bytes.subarray(0, length)), JournalFormatError, `${length} bytes`)
})
