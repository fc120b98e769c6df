import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeVersion2 } from '../../test/testing/version-2-encoder.ts'
import { encodeWriteRequest, type PlainHistogram, sortedLabels } from '../../test/testing/write-request-encoder.ts'
import { decodeVersion1 } from './version-1.ts'
import { decodeVersion2 } from './version-2.ts'

const COUNTED: PlainHistogram = { timestamp: 9, countInt: 6, sum: 4.5, zeroCountInt: 1, zeroThreshold: 0.25 }
const SPANS = [
  { offset: -1, length: 2 },
  { offset: 2, length: 1 },
]

function decoded(histogram: PlainHistogram) {
  const request1 = encodeWriteRequest({
    timeseries: [{ labels: sortedLabels({ __name__: 'h' }), histograms: [histogram] }],
  })
  const request2 = encodeVersion2({ timeseries: [{ labels: { __name__: 'h' }, histograms: [histogram] }] })
  const first = decodeVersion1(request1)
  const second = decodeVersion2(request2)
  assert.deepEqual(second.unusable, first.unusable)
  const [span] = second.batch.spans
  assert.deepEqual(span?.nativeHistograms, first.batch.spans[0]?.nativeHistograms)
  return { histogram: span?.nativeHistograms?.[0], problem: second.unusable.detail }
}

test('decodes integer and float histograms, whose buckets are encoded differently', () => {
  const positive = { indexes: [-1, 0, 3], counts: [1, 3, 1] }
  const integer = decoded({ ...COUNTED, schema: 3, positiveSpans: SPANS, positiveDeltas: [1, 2, -2] })
  assert.deepEqual(integer.histogram, {
    timestampMs: 9,
    createdMs: Number.NaN,
    schema: 3,
    count: 6,
    sum: 4.5,
    zeroThreshold: 0.25,
    zeroCount: 1,
    positive,
    negative: { indexes: [], counts: [] },
    customBounds: [],
    gauge: false,
    reset: false,
    stale: false,
  })
  const float = decoded({
    timestamp: 9,
    countFloat: 6.5,
    sum: 4.5,
    schema: -4,
    zeroCountFloat: 1.5,
    negativeSpans: SPANS,
    negativeCounts: [1, 3, 1],
    resetHint: 3,
  })
  assert.deepEqual(float.histogram?.negative, positive)
  assert.deepEqual([float.histogram?.count, float.histogram?.schema, float.histogram?.gauge], [6.5, -4, true])
})

test('decodes custom buckets, a reset and a stale marker', () => {
  const custom = { timestamp: 9, countInt: 3, sum: 4, schema: -53, customValues: [0.5, 1, 2.5] }
  const { histogram } = decoded({ ...custom, positiveSpans: [{ offset: 1, length: 3 }], positiveDeltas: [1, 0, 0] })
  assert.deepEqual(histogram?.customBounds, [0.5, 1, 2.5])
  assert.deepEqual(histogram?.positive, { indexes: [1, 2, 3], counts: [1, 1, 1] })
  assert.equal(decoded({ ...COUNTED, countInt: 1, resetHint: 1 }).histogram?.reset, true)

  const stale = encodeWriteRequest({
    timeseries: [{ labels: sortedLabels({ __name__: 'h' }), histograms: [{ timestamp: 9, sum: Number.NaN }] }],
  })
  stale.writeBigUInt64LE(0x7ff0000000000002n, stale.indexOf(Buffer.from([0, 0, 0, 0, 0, 0, 0xf8, 0x7f])))
  assert.equal(decodeVersion1(stale).batch.spans[0]?.nativeHistograms?.[0]?.stale, true)
})

test('omits what Prometheus rejects', () => {
  const cases: [string, PlainHistogram, RegExp][] = [
    ['a wrong count', COUNTED, /its buckets have 1 observations, but its count is 6/],
    ['a bucket without a span', { ...COUNTED, positiveDeltas: [5] }, /its spans have 0 buckets, but there is 1/],
    [
      'a span without buckets',
      { ...COUNTED, positiveSpans: [{ offset: 0, length: 4_000_000_000 }] },
      /have 4000000000 buckets, but there are 0/,
    ],
    [
      'a negative bucket',
      { ...COUNTED, positiveSpans: [{ offset: 0, length: 2 }], positiveDeltas: [6, -7] },
      /a bucket has -1 observations/,
    ],
    [
      'overlapping spans',
      { ...COUNTED, positiveSpans: [SPANS[0], { offset: -1, length: 1 }] as never, positiveDeltas: [1, 1, 1] },
      /a span starts 1 bucket before the end/,
    ],
    ['an unknown schema', { ...COUNTED, countInt: 1, schema: 9 }, /its schema is 9; from -4 to 8 and -53 are allowed/],
    ['custom bounds that fall', { timestamp: 1, sum: 0, schema: -53, customValues: [2, 1] }, /its bound 1 follows 2/],
    [
      'an infinite bound',
      { timestamp: 1, sum: 0, schema: -53, customValues: [Number.POSITIVE_INFINITY] },
      /is Infinity/,
    ],
    ['a zero bucket with custom ones', { ...COUNTED, schema: -53 }, /negative ones or a zero bucket/],
    [
      'a bucket beyond the bounds',
      { ...COUNTED, zeroCountInt: 0, schema: -53, positiveSpans: [{ offset: 1, length: 1 }], positiveDeltas: [6] },
      /a bucket 1, but 0 bounds/,
    ],
  ]
  for (const [title, histogram, problem] of cases) {
    const result = decoded(histogram)
    assert.equal(result.histogram, undefined, title)
    assert.match(result.problem, problem, title)
  }
})

test('accepts a histogram with NaN observations, which are in no bucket', () => {
  assert.equal(decoded({ ...COUNTED, sum: Number.NaN }).histogram?.count, 6)
})
