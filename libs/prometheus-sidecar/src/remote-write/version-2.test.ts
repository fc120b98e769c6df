import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../../test/testing/seeded-random.ts'
import { encodeVersion2, type PlainSeries2 } from '../../test/testing/version-2-encoder.ts'
import { encodeWriteRequest, sortedLabels } from '../../test/testing/write-request-encoder.ts'
import { SeriesTable } from '../ingest/series/series-table.ts'
import { decodeLabels, encodeLabels } from '../model/labels/labels.ts'
import { type ComposedLabels, hashLabels } from '../model/labels/labels-hash.ts'
import type { KnownSeries } from '../model/sample.ts'
import { WireFormatError } from '../protobuf/protobuf-reader.ts'
import { decodeVersion1 } from './version-1.ts'
import { decodeVersion2 } from './version-2.ts'
import { NO_LIMITS, TooManyItemsError, type WriteRequest } from './write-request.ts'

const field = (tag: number, ...content: number[]) => [tag, content.length, ...content]
const symbol = (text: string) => field(0x22, ...Buffer.from(text))
/** A series with one sample at 7 ms. */
const series = (refs: readonly number[], ...more: number[]) =>
  field(0x2a, ...field(0x0a, ...refs), ...field(0x12, 0x10, 7), ...more)

function spansOf({ batch }: WriteRequest) {
  return batch.spans.map(({ labelsStart, labelsEnd, samplesStart, samplesEnd, stale, exemplars }) => ({
    labels: batch.bytes.toString('latin1', labelsStart, labelsEnd),
    samples: batch.values.slice(samplesStart, samplesEnd),
    times: batch.timestampsMs.slice(samplesStart, samplesEnd),
    stale,
    exemplars,
  }))
}

test('a 2.0 request becomes the same batch as a 1.0 request', () => {
  const random = seededRandom(7)
  for (let round = 0; round < 200; round++) {
    const timeseries = Array.from({ length: random.below(8) }, (): PlainSeries2 => {
      const labels: Record<string, string> = { __name__: `metric_${random.below(9)}` }
      for (let count = random.below(12); count > 0; count--)
        labels[`label_${random.below(99)}`] = random.pick(['a', 'ü'.repeat(1 + random.below(90))])
      return {
        labels,
        samples: Array.from({ length: 1 + random.below(4) }, () => ({
          value: random.pick([0, 1, -1.5, 1e300, random.next()]),
          timestamp: random.pick([0, 1, -1, 1_795_348_756_194]),
        })),
        exemplars: Array.from({ length: random.below(3) }, () => ({
          labels: { trace_id: `t${random.below(9)}` },
          value: random.next(),
          timestamp: 1,
        })),
      }
    })
    const same = timeseries.map(({ labels, exemplars = [], ...rest }) => ({
      ...rest,
      labels: sortedLabels(labels),
      exemplars: exemplars.map((exemplar) => ({ ...exemplar, labels: sortedLabels(exemplar.labels) })),
    }))
    assert.deepEqual(
      spansOf(decodeVersion2(encodeVersion2({ timeseries }))),
      spansOf(decodeVersion1(encodeWriteRequest({ timeseries: same }))),
    )
  }
})

test('the labels of a known series are not written out', () => {
  const random = seededRandom(8)
  const texts = ['', 'a', 'b', 'ab', 'ü'.repeat(63), 'ü'.repeat(64), 'x'.repeat(0x3fff), 'x'.repeat(0x4000)]
  for (let round = 0; round < 300; round++) {
    const known = new SeriesTable<KnownSeries>((series) => series.labels, hashLabels)
    const allLabels = Array.from({ length: 1 + random.below(8) }, () => {
      const labels: Record<string, string> = { __name__: random.pick(['up', 'down']) }
      for (let count = random.below(4); count > 0; count--) labels[`l${random.below(4)}`] = random.pick(texts)
      return Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)))
    })
    for (const labels of allLabels.slice(random.below(4)))
      known.add({ isForgotten: false, labels: encodeLabels(new Map(Object.entries(labels))) })
    const timeseries = allLabels.map((labels) => ({ labels, samples: [{ value: 1, timestamp: 1 }] }))
    const lookup = { seriesAfter: (_: unknown, labels: ComposedLabels) => known.getComposed(labels) }
    const { batch } = decodeVersion2(encodeVersion2({ timeseries }), NO_LIMITS, lookup)
    for (const [index, { series, labelsStart, labelsEnd }] of batch.spans.entries()) {
      const labels = encodeLabels(new Map(Object.entries(allLabels[index] ?? {})))
      const isWritten = series === undefined
      assert.deepEqual(isWritten ? batch.bytes.subarray(labelsStart, labelsEnd) : series.labels, labels)
      const values = Object.values(allLabels[index] ?? {})
      const isSimple = values.every((value) => value !== '' && Buffer.byteLength(value) < 0x3f00)
      if (isSimple) assert.equal(isWritten, known.get(labels) === undefined)
    }
  }
})

test('reports the type and the start of a series', () => {
  const sample = (timestamp: number, startTimestamp?: number) => ({
    value: 1,
    timestamp,
    ...(startTimestamp === undefined ? {} : { startTimestamp }),
  })
  const { batch } = decodeVersion2(
    encodeVersion2({
      timeseries: [
        { labels: { __name__: 'a' }, type: 1, samples: [sample(10, 5), sample(20, 5), sample(30, 25), sample(40)] },
        { labels: { __name__: 'b' }, type: 0, samples: [sample(10)] },
        { labels: { __name__: 'c' }, type: 2, createdTimestamp: 3, samples: [sample(10), sample(20, 15)] },
        { labels: { __name__: 'd' }, createdTimestamp: 3, histograms: [{ timestamp: 9, sum: 0 }] },
      ],
    }),
  )
  assert.deepEqual(
    batch.spans.map(({ samplesStart, samplesEnd, type, createdMs, nativeHistograms }) => [
      samplesEnd - samplesStart,
      type,
      createdMs,
      nativeHistograms?.[0]?.createdMs,
    ]),
    [
      [2, 'counter', 5, undefined],
      [1, 'counter', 25, undefined],
      [1, 'counter', undefined, undefined],
      [1, undefined, undefined, undefined],
      [1, 'gauge', 3, undefined],
      [1, 'gauge', 15, undefined],
      [0, undefined, undefined, 3],
    ],
  )
})

test('ends a span after a stale marker', () => {
  const bytes = encodeVersion2({
    timeseries: [
      { labels: { __name__: 'a' }, samples: [1, Number.NaN, 3].map((value, at) => ({ value, timestamp: at })) },
      { labels: { __name__: 'b' }, samples: [{ value: Number.NaN, timestamp: 1 }] },
    ],
  })
  const nan = Buffer.from([0, 0, 0, 0, 0, 0, 0xf8, 0x7f])
  for (let at = bytes.indexOf(nan); at >= 0; at = bytes.indexOf(nan)) bytes.writeBigUInt64LE(0x7ff0000000000002n, at)
  assert.deepEqual(
    decodeVersion2(bytes).batch.spans.map(({ samplesStart, samplesEnd, stale }) => [samplesStart, samplesEnd, stale]),
    [
      [0, 2, true],
      [2, 3, false],
      [3, 4, true],
    ],
  )
})

test('sorts labels and omits empty ones, so that a series has one form', () => {
  const { batch } = decodeVersion2(
    encodeVersion2({
      timeseries: [{ labels: { b: '2', empty: '', a: '1', __name__: 'up' }, samples: [{ value: 1, timestamp: 1 }] }],
    }),
  )
  const [span] = batch.spans
  assert.deepEqual(
    [...decodeLabels(batch.bytes, span?.labelsStart, span?.labelsEnd)],
    [
      ['__name__', 'up'],
      ['a', '1'],
      ['b', '2'],
    ],
  )
})

test('symbols may come after the series that refer to them, and references one by one', () => {
  const scattered = field(0x2a, 0x08, 1, ...field(0x12, 0x10, 7), 0x08, 2)
  const bytes = Buffer.from([...scattered, ...symbol(''), ...symbol('a'), ...symbol('b')])
  assert.deepEqual(spansOf(decodeVersion2(bytes)), [
    { labels: '\n\x06\n\x01a\x12\x01b', samples: [0], times: [7], stale: false, exemplars: [] },
  ])
})

test('omits unusable series, and keeps the others', () => {
  const table = [...symbol(''), ...symbol('a'), ...symbol('b'), ...symbol('a')]
  const cases: [string, number[], RegExp, number][] = [
    ['a reference to nothing', series([1, 4]), /refers to symbol 4, but there are only 4/, 1],
    ['a name that does not exist', series([1, 2, 9, 2]), /refers to symbol 9/, 1],
    ['a name without a value', series([1, 2, 1]), /without a value/, 1],
    ['an empty name', series([0, 1]), /without a name/, 1],
    ['a duplicate name', series([1, 2, 2, 1, 3, 2]), /the label "a" twice/, 1],
    ['no labels', series([]), /no labels/, 1],
    ['only empty labels', series([1, 0]), /no labels/, 1],
    ['nothing but labels', field(0x2a, ...field(0x0a, 1, 2)), /no samples, native histograms or exemplars/, 0],
    ['a unit that does not exist', series([1, 2], ...field(0x2a, 0x20, 7)), /refers to symbol 7/, 1],
  ]
  for (const [title, bad, detail, samples] of cases) {
    const request = decodeVersion2(Buffer.from([...table, ...series([1, 2]), ...bad, ...series([2, 1])]))
    assert.deepEqual(request.batch.timestampsMs, [7, 7], title)
    assert.deepEqual(
      request.batch.spans.map(({ samplesStart }) => samplesStart),
      [0, 1],
      title,
    )
    assert.match(request.unusable.detail, detail, title)
    assert.deepEqual([request.unusable.series, request.unusable.samples], [1, samples], title)
  }
})

test('an unusable series leaves nothing to the next one', () => {
  const sample = (timestamp: number, startTimestamp: number) => ({ value: 1, timestamp, startTimestamp })
  const { batch, unusable } = decodeVersion2(
    encodeVersion2({
      timeseries: [
        { labels: { '': 'nameless' }, samples: [sample(10, 1), sample(20, 15), sample(30, 25)] },
        { labels: { __name__: 'a' }, samples: [sample(40, 35)] },
        { labels: { __name__: 'b' }, exemplars: [{ labels: { id: '1' }, value: 1, timestamp: 1 }] },
      ],
    }),
  )
  assert.deepEqual([unusable.series, unusable.samples], [1, 3])
  assert.deepEqual(batch.timestampsMs, [40])
  assert.deepEqual(
    batch.spans.map(({ samplesStart, samplesEnd, createdMs, stale }) => [samplesStart, samplesEnd, createdMs, stale]),
    [
      [0, 1, 35, false],
      [1, 1, undefined, false],
    ],
  )
})

test('references may be numbers of several bytes', () => {
  const symbols = Array.from({ length: 20_000 }, (_, index) => symbol(index === 0 ? '' : `s${index}`)).flat()
  const refs = [1, 127, 128, 300, 16_383, 16_384, 0x7f, 19_999]
  const varint = (value: number): number[] =>
    value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(Math.floor(value / 0x80))]
  let lookups = 0
  const seriesAfter = () => {
    lookups += 1
    return undefined
  }
  const unresolvable = series([...varint(20_000), ...varint(19_999)])
  const bytes = Buffer.from([...symbols, ...series(refs.flatMap(varint)), ...unresolvable])
  const { batch, unusable } = decodeVersion2(bytes, NO_LIMITS, { seriesAfter })
  assert.equal(lookups, 1)
  const { labelsStart, labelsEnd } = batch.spans[0] ?? {}
  assert.deepEqual([...decodeLabels(batch.bytes, labelsStart, labelsEnd)].sort(), [
    ['s1', 's127'],
    ['s127', 's19999'],
    ['s128', 's300'],
    ['s16383', 's16384'],
  ])
  assert.match(unusable.detail, /refers to symbol 20000, but there are only 20000/)
})

test('omits exemplars with unusable labels, and keeps their samples', () => {
  const table = [...symbol(''), ...symbol('a'), ...symbol('b'), ...field(0x22, 0xff)]
  for (const refs of [[1], [1, 9], [1, 2, 1, 2], [1, 3]]) {
    const exemplar = field(0x22, ...field(0x0a, ...refs))
    const { batch, droppedExemplars } = decodeVersion2(Buffer.from([...table, ...series([1, 2], ...exemplar)]))
    assert.deepEqual(batch.timestampsMs, [7], `${refs}`)
    assert.deepEqual(batch.spans[0]?.exemplars, [], `${refs}`)
    assert.equal(droppedExemplars, 1, `${refs}`)
  }
})

test('rejects what is not a request', () => {
  const cases: [string, number[], RegExp][] = [
    ['a symbol table that starts with a name', symbol('a'), /first symbol is not the empty string/],
    ['a symbol longer than the request', [0x22, 9], /longer than the message/],
    ['a reference that is cut off', [...symbol(''), ...field(0x2a, ...field(0x0a, 0x80))], /./],
    ['a reference that continues after its list', [...symbol(''), ...series([1, 0x80], 1)], /./],
    ['a sample longer than its series', [...symbol(''), ...field(0x2a, 0x12, 9)], /longer than the message/],
    ['a group', [...symbol(''), 0x0b], /wire type 3/],
  ]
  for (const [title, bytes, message] of cases) {
    assert.throws(
      () => decodeVersion2(Buffer.from(bytes)),
      (error) => error instanceof WireFormatError && message.test(error.message),
      title,
    )
  }
})

test('limits the number of items, and the labels that short references stand for', () => {
  const maxItems = 10
  const limits = { maxItems, maxLabelBytes: 10_000 }
  const times = (count: number, bytes: number[]) => Array.from({ length: count }, () => bytes).flat()
  const table = [...symbol(''), ...symbol('a'), ...symbol('b')]
  const cases: [string, number[]][] = [
    ['symbols', times(11, symbol(''))],
    ['series', [...table, ...times(11, series([1, 2]))]],
    ['samples', [...table, ...field(0x2a, ...times(11, field(0x12)))]],
    ['exemplars', [...table, ...field(0x2a, ...times(11, field(0x22)))]],
    ['histograms', [...table, ...field(0x2a, ...times(11, field(0x1a)))]],
  ]
  for (const [title, bytes] of cases)
    assert.throws(() => decodeVersion2(Buffer.from(bytes), limits), TooManyItemsError, title)
  const long = encodeVersion2({
    timeseries: [1, 2, 3].map(() => ({
      labels: { __name__: 'x'.repeat(5_000) },
      samples: [{ value: 1, timestamp: 1 }],
    })),
  })
  assert.throws(() => decodeVersion2(long, limits), TooManyItemsError)
})
