import assert from 'node:assert/strict'
import { canonicalBytes } from '../../src/model/labels/canonical-labels.ts'
import { asBuffer } from '../../src/model/labels/labels.ts'
import type { SampleBatch, SeriesSpan } from '../../src/model/sample.ts'
import { WireFormatError } from '../../src/protobuf/protobuf-reader.ts'
import { decompressSnappyBlock, SnappyError } from '../../src/remote-write/snappy.ts'
import { decodeVersion1 } from '../../src/remote-write/version-1.ts'
import { decodeVersion2 } from '../../src/remote-write/version-2.ts'
import { TooManyItemsError } from '../../src/remote-write/write-request.ts'
import type { SeededRandom } from '../testing/seeded-random.ts'
import { encodeVersion2 } from '../testing/version-2-encoder.ts'
import {
  compress,
  encodeWriteRequest,
  type PlainHistogram,
  type PlainSeries,
  sortedLabels,
} from '../testing/write-request-encoder.ts'
import type { FuzzTarget } from './fuzz-run.ts'
import type { FuzzedIngester } from './fuzzed-ingester.ts'
import { mutate } from './mutation.ts'

const MAX_DECOMPRESSED_BYTES = 1024 * 1024

/**
 * Remote_write requests with mutated compressed bytes, protobuf, or labels and values. What can be decoded is passed to
 * `ingest`.
 */
export function remoteWriteTarget(ingest: (batch: SampleBatch) => Promise<void>): FuzzTarget {
  return {
    name: 'remote_write',
    input(random) {
      if (random.below(LARGE_ONE_IN) === 0) return compress(encodeWriteRequest({ timeseries: largeRequest(random) }))
      const request = encodeWriteRequest({
        timeseries:
          random.below(4) === 0
            ? anyHistogram(random)
            : Array.from({ length: 1 + random.below(6) }, () => anySeries(random)),
        metadata: random.below(4) === 0 ? [{ type: random.below(12), metricFamilyName: anyText(random) }] : [],
      })
      const level = random.below(3)
      if (level === 0) return mutate(compress(request), random)
      return compress(level === 1 ? mutate(request, random) : request)
    },
    async run(input) {
      try {
        const { batch } = decodeVersion1(decompressSnappyBlock(input, MAX_DECOMPRESSED_BYTES))
        await ingest(batch)
        return 'taken'
      } catch (error) {
        if (error instanceof SnappyError || error instanceof WireFormatError) return 'refused'
        throw error
      }
    },
  }
}

/** The same for 2.0. Once its series are known, a request must become the same samples of the same series. */
export function remoteWrite2Target({ ingest, lookup }: FuzzedIngester): FuzzTarget {
  const limits = { maxItems: 100_000, maxLabelBytes: MAX_DECOMPRESSED_BYTES }
  return {
    name: 'remote_write 2.0',
    input(random) {
      const timeseries = Array.from({ length: 1 + random.below(6) }, () => {
        const { labels, samples, exemplars, histograms } = anySeries(random)
        const plain = Object.fromEntries(labels.map(({ name, value }) => [name, value]))
        return {
          labels: plain,
          samples: samples?.map((sample) => ({ ...sample, startTimestamp: random.pick(TIMES) })) ?? [],
          exemplars: exemplars?.map((exemplar) => ({ ...exemplar, labels: { trace_id: anyText(random) } })) ?? [],
          histograms: histograms ?? [],
          type: random.below(12),
        }
      })
      const request = encodeVersion2({ timeseries })
      return random.below(2) === 0 ? mutate(request, random) : request
    },
    async run(input) {
      try {
        const { batch } = decodeVersion2(input, limits)
        await ingest(batch)
        for (let repeat = 0; repeat < 3; repeat++) mustBeSame(decodeVersion2(input, limits, lookup).batch, batch)
        return 'taken'
      } catch (error) {
        if (error instanceof TooManyItemsError || error instanceof WireFormatError) return 'refused'
        throw error
      }
    },
  }
}

function mustBeSame(found: SampleBatch, written: SampleBatch): void {
  assert.deepEqual(found.timestampsMs, written.timestampsMs)
  assert.equal(found.spans.length, written.spans.length)
  for (const [index, { labelsStart, labelsEnd, ...span }] of written.spans.entries()) {
    const { labelsStart: foundStart, labelsEnd: foundEnd, series, ...foundSpan } = found.spans[index] as SeriesSpan
    const labels = written.bytes.subarray(labelsStart, labelsEnd)
    if (series === undefined) assert.deepEqual(found.bytes.subarray(foundStart, foundEnd), labels)
    else assert.deepEqual(asBuffer(series.labels), asBuffer(canonicalBytes(labels).bytes))
    assert.deepEqual({ ...foundSpan, series: undefined }, span)
  }
}

const NAMES = [
  'up',
  'flask_http_request_total',
  'latency_bucket',
  'latency_sum',
  'latency_count',
  'latency_created',
  '',
]
const LABEL_NAMES = ['job', 'instance', 'le', 'quantile', 'status', '__name__', 'région', '', 'a'.repeat(120)]
const BOUNDS = ['0.1', '1', '+Inf', 'NaN', '-1', '1e999', '', 'x']
const VALUES = [0, -0, 1, 1.5, -1, 2 ** 53, 1e308, -1e308, 5e-324, Number.NaN, Number.POSITIVE_INFINITY]
const TIMES = [0, 1, -1, 1_795_348_756_194, 2 ** 53, -(2 ** 53), 253_402_300_799_999]

function anySeries(random: SeededRandom): PlainSeries {
  const labels: Record<string, string> = { __name__: random.pick(NAMES), job: 'app', instance: 'i' }
  for (let count = random.below(5); count > 0; count--) labels[random.pick(LABEL_NAMES)] = anyText(random)
  const base = random.pick(TIMES)
  return {
    labels: sortedLabels(labels),
    samples: Array.from({ length: random.below(4) }, (_, index) => ({
      value: random.below(2) === 0 ? random.pick(VALUES) : random.next() * 100,
      timestamp: base + index * random.pick([1, 5000, -1, 0]),
    })),
    exemplars:
      random.below(4) === 0
        ? [{ labels: sortedLabels({ trace_id: anyText(random) }), value: random.pick(VALUES), timestamp: base }]
        : [],
    histograms: random.below(8) === 0 ? [anyNativeHistogram(random, base)] : [],
  }
}

function anyNativeHistogram(random: SeededRandom, timestamp: number): PlainHistogram {
  const schema = random.pick([-53, -4, 0, 3, 8, 9])
  const length = random.below(5)
  return {
    timestamp,
    countFloat: random.pick(VALUES),
    sum: random.pick(VALUES),
    schema,
    zeroThreshold: random.pick([0, 0.001]),
    ...(schema === -53
      ? { customValues: [0.1, 1, 10].slice(0, random.below(4)) }
      : { zeroCountFloat: random.pick([0, 1, -1]) }),
    positiveSpans: [{ offset: random.pick([0, 1, -2, 2 ** 31 - 1]), length }],
    positiveCounts: Array.from({ length }, () => random.below(9)),
    resetHint: random.below(5),
  }
}

const LARGE_ONE_IN = 500

/**
 * As large as a request after an outage, of many series or of one: processing that is not linear looks like a hang.
 */
function largeRequest(random: SeededRandom): PlainSeries[] {
  const name = random.pick(['up', 'flask_http_request_total', 'latency_bucket'])
  const series = random.pick([1, 100, 5_000])
  const base = 1_795_348_756_194 + random.below(1_000_000) * 10_000
  return Array.from({ length: series }, (_, index) => ({
    labels: sortedLabels({ __name__: name, job: 'app', instance: 'i', le: `${index}` }),
    samples: Array.from({ length: 5_000 / series }, (_, at) => ({ value: at, timestamp: base + at })),
  }))
}

/**
 * All parts of a histogram at a few times, with arbitrary values: they become a distribution, or contradict each other.
 */
function anyHistogram(random: SeededRandom): PlainSeries[] {
  const shared = { job: 'app', instance: 'i', path: random.pick(['/', '/a']) }
  const base = 1_795_348_756_194 + random.below(1_000_000) * 1000
  const times = Array.from({ length: 1 + random.below(3) }, (_, index) => base + index * 1000)
  const value = () => (random.below(3) === 0 ? random.pick(VALUES) : random.below(100))
  const part = (suffix: string, labels: Record<string, string> = {}) => ({
    labels: sortedLabels({ __name__: `latency_${suffix}`, ...shared, ...labels }),
    samples: times.map((timestamp) => ({ value: value(), timestamp })),
  })
  return [...['0.1', '1', '+Inf'].map((le) => part('bucket', { le })), part('sum'), part('count')]
}

function anyText(random: SeededRandom): string {
  if (random.below(2) === 0) return random.pick(BOUNDS)
  return random.bytes(random.below(40)).toString(random.pick(['utf8', 'latin1', 'hex']))
}
