import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { seededRandom } from '../../test/testing/seeded-random.ts'
import {
  decodeByProtobufjs,
  encodeWriteRequest,
  type PlainWriteRequest,
  sortedLabels,
} from '../../test/testing/write-request-encoder.ts'
import { decodeLabels } from '../model/labels/labels.ts'
import { WireFormatError } from '../protobuf/protobuf-reader.ts'
import { decompressSnappyBlock } from './snappy.ts'
import { decodeVersion1 } from './version-1.ts'
import type { WriteRequest } from './write-request.ts'

/** A decoded request in the form of protobufjs, but with separate spans of the same series. */
function spansOf({ batch }: WriteRequest) {
  return batch.spans.map((span) => ({
    labels: Object.fromEntries(decodeLabels(batch.bytes, span.labelsStart, span.labelsEnd)),
    samples: batch.values
      .slice(span.samplesStart, span.samplesEnd)
      .map((value, index) => ({ value, timestamp: batch.timestampsMs[span.samplesStart + index] })),
    exemplars: span.exemplars.map(({ labels, value, timestampMs }) => ({
      labels: Object.fromEntries(labels),
      value,
      timestamp: timestampMs,
    })),
  }))
}

function seriesOf(request: PlainWriteRequest) {
  const plain = (labels: readonly { name: string; value: string }[]) =>
    Object.fromEntries(labels.map(({ name, value }) => [name, value]))
  return (request.timeseries ?? []).map(({ labels, samples = [], exemplars = [] }) => ({
    labels: plain(labels),
    samples,
    exemplars: exemplars.map((exemplar) => ({ ...exemplar, labels: plain(exemplar.labels) })),
  }))
}

const recorded = (name: string) =>
  decompressSnappyBlock(readFileSync(new URL(`../../testdata/remote-write/${name}.bin`, import.meta.url)), 1024 * 1024)

test('decodes what Prometheus 2.42 sent: samples and exemplars', () => {
  const bytes = recorded('samples')
  const request = decodeVersion1(bytes)
  assert.deepEqual(spansOf(request), seriesOf(decodeByProtobufjs(bytes)))
  assert.equal(request.batch.values.length, 13)
  assert.equal(spansOf(request).at(-1)?.exemplars[0]?.labels.span_id, 'b7ad6b7169203331')
})

test('decodes what Prometheus 2.42 sent: metadata', () => {
  assert.deepEqual(decodeVersion1(recorded('metadata')).metadata, [
    { family: 'latency_seconds', type: 'histogram', help: 'Latency', unit: 'seconds' },
    { family: 'gone', type: 'gauge', help: '', unit: '' },
    { family: 'not_a_number', type: 'gauge', help: '', unit: '' },
    { family: 'flask_http_request', type: 'counter', help: 'Requests', unit: '' },
  ])
})

test('distinguishes a stale marker from any other NaN', () => {
  const { batch } = decodeVersion1(recorded('stale'))
  const ended = batch.spans
    .filter((span) => Number.isNaN(batch.values[span.samplesEnd - 1]))
    .map((span) => [decodeLabels(batch.bytes, span.labelsStart, span.labelsEnd).get('__name__'), span.stale])
  assert.deepEqual(ended, [
    ['not_a_number', false],
    ['gone', true],
  ])
})

test('ends a span after a stale marker', () => {
  const bytes = encodeWriteRequest({
    timeseries: [
      {
        labels: sortedLabels({ __name__: 'up' }),
        samples: [
          { value: 1, timestamp: 1000 },
          { value: Number.NaN, timestamp: 2000 },
          { value: 3, timestamp: 3000 },
        ],
      },
    ],
  })
  const nan = bytes.indexOf(Buffer.from([0, 0, 0, 0, 0, 0, 0xf8, 0x7f]))
  bytes.writeBigUInt64LE(0x7ff0000000000002n, nan)
  const { spans } = decodeVersion1(bytes).batch
  assert.deepEqual(
    spans.map(({ samplesStart, samplesEnd, stale }) => ({ samplesStart, samplesEnd, stale })),
    [
      { samplesStart: 0, samplesEnd: 2, stale: true },
      { samplesStart: 2, samplesEnd: 3, stale: false },
    ],
  )
})

test('decodes native histograms, even next to samples of other series', () => {
  const labels = sortedLabels({ __name__: 'latency_seconds' })
  const histogram = { timestamp: 1, countInt: 3, sum: 1, zeroCountInt: 1 }
  const positive = { positiveSpans: [{ offset: -2, length: 2 }], positiveDeltas: [1, 0] }
  const { batch } = decodeVersion1(
    encodeWriteRequest({
      timeseries: [
        { labels, histograms: [{ ...histogram, ...positive }] },
        { labels: sortedLabels({ __name__: 'up' }), samples: [{ value: 1, timestamp: 1 }] },
      ],
    }),
  )
  assert.deepEqual(batch.values, [1])
  assert.deepEqual(
    batch.spans.map(({ samplesStart, samplesEnd, nativeHistograms }) => [
      samplesEnd - samplesStart,
      nativeHistograms?.map(({ positive }) => positive),
    ]),
    [
      [0, [{ indexes: [-2, -1], counts: [1, 1] }]],
      [1, undefined],
    ],
  )
})

test('agrees with protobufjs on requests of any shape', () => {
  const random = seededRandom(42)
  const labels = () =>
    sortedLabels(
      Object.fromEntries([
        ['__name__', `metric_${random.below(9)}`],
        ...Array.from({ length: random.below(12) }, (_, index) => [`label_${index}`, 'ü'.repeat(1 + random.below(90))]),
      ]),
    )
  const value = () => random.pick([0, -0, 1, -1.5, 1e300, Number.POSITIVE_INFINITY, random.next()])
  const timestamp = () => random.pick([0, 1, -1, -62_135_596_800_000, 1_795_348_756_194, 2 ** 52, -(2 ** 52)])
  for (let round = 0; round < 300; round++) {
    const bytes = encodeWriteRequest({
      timeseries: Array.from({ length: random.below(8) }, () => ({
        labels: labels(),
        samples: Array.from({ length: 1 + random.below(4) }, () => ({ value: value(), timestamp: timestamp() })),
        exemplars: Array.from({ length: random.below(3) }, () => ({
          labels: labels(),
          value: value(),
          timestamp: timestamp(),
        })),
      })),
    })
    assert.deepEqual(spansOf(decodeVersion1(bytes)), seriesOf(decodeByProtobufjs(bytes)))
  }
})

test('skips unknown fields', () => {
  const known = encodeWriteRequest({
    timeseries: [{ labels: sortedLabels({ __name__: 'up' }), samples: [{ value: 1, timestamp: 1 }] }],
  })
  const unknown = Buffer.from([0x22, 1, 9, 0x28, 0x80, 1, 0x31, 1, 2, 3, 4, 5, 6, 7, 8, 0x3d, 1, 2, 3, 4])
  assert.deepEqual(decodeVersion1(Buffer.concat([unknown, known, unknown])).batch.values, [1])
})

test('omits unusable series, and keeps the others', () => {
  const good = [0x0a, 6, 0x0a, 0, 0x12, 2, 0x10, 7]
  const cases: [string, number[], string][] = [
    ['no labels', [0x0a, 4, 0x12, 2, 0x10, 1], 'a series has no labels'],
    [
      'labels in two places',
      [0x0a, 8, 0x0a, 0, 0x12, 2, 0x10, 1, 0x0a, 0],
      'the labels of a series are not together at its start',
    ],
  ]
  for (const [title, bad, detail] of cases) {
    const { batch, unusable } = decodeVersion1(Buffer.from([...good, ...bad, ...good]))
    assert.deepEqual(batch.timestampsMs, [7, 7], title)
    assert.equal(batch.values.length, 2, title)
    assert.deepEqual(
      batch.spans.map(({ samplesStart, samplesEnd }) => [samplesStart, samplesEnd]),
      [
        [0, 1],
        [1, 2],
      ],
      title,
    )
    assert.deepEqual(unusable, { series: 1, samples: 1, detail }, title)
  }
})

test('omits exemplars with unusable labels, and keeps their samples', () => {
  const label = (name: string, value: Buffer) => [
    0x0a,
    4 + name.length + value.length,
    0x0a,
    name.length,
    ...Buffer.from(name),
    0x12,
    value.length,
    ...value,
  ]
  const cases: [string, number[]][] = [
    ['a duplicate label', [...label('a', Buffer.from('b')), ...label('a', Buffer.from('c'))]],
    ['not UTF-8', label('a', Buffer.of(0xff))],
    ['in two places', [...label('a', Buffer.from('b')), 0x18, 1, ...label('c', Buffer.from('d'))]],
  ]
  for (const [title, labels] of cases) {
    const content = [0x0a, 0, 0x12, 2, 0x10, 7, 0x1a, labels.length, ...labels]
    const { batch, droppedExemplars } = decodeVersion1(Buffer.from([0x0a, content.length, ...content]))
    assert.deepEqual(batch.timestampsMs, [7], title)
    assert.deepEqual(batch.spans[0]?.exemplars, [], title)
    assert.equal(droppedExemplars, 1, title)
  }
})

test('rejects what is not a request', () => {
  const cases: [string, number[], RegExp][] = [
    ['a series longer than the request', [0x0a, 9, 0x0a, 0], /longer than the message/],
    ['an endless length', [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], /longer than 32 bits/],
    ['a number that is cut off', [0x0a, 0x80], /inside a number/],
    ['a truncated value', [0x0a, 9, 0x0a, 0, 0x12, 5, 0x09, 0, 0, 0, 0], /inside a float64/],
    [
      'a sample that ends in the middle of a number',
      [0x0a, 7, 0x0a, 0, 0x12, 2, 0x10, 0x80, 1],
      /longer than the message/,
    ],
    ['a group', [0x0b], /wire type 3/],
    ['the field number 0', [0x02, 0], /number 0/],
  ]
  for (const [name, bytes, message] of cases) {
    assert.throws(
      () => decodeVersion1(Buffer.from(bytes)),
      (error) => error instanceof WireFormatError && message.test(error.message),
      name,
    )
  }
})
