import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RetryLaterError } from '../ingester.ts'
import { decodeLabels, encodeLabels, type Labels } from '../labels.ts'
import type { SampleBatch } from '../sample.ts'
import { HoleFiller } from './hole-filler.ts'

const NOW_MS = 1_795_348_800_000
const STARTED_MS = NOW_MS - 30_000
const UP = { __name__: 'up', job: 'app', instance: 'i' }
const EXTERNAL = new Map([['region', 'eu']])

type Sample = readonly [timestampMs: number, value: number]

/** A batch of one span a series. */
function batchOf(...series: [Record<string, string>, ...Sample[]][]): SampleBatch {
  const chunks: Buffer[] = []
  const timestampsMs: number[] = []
  const values: number[] = []
  let position = 0
  const spans = series.map(([labels, ...samples]) => {
    const bytes = encodeLabels(new Map(Object.entries({ ...labels, region: 'eu' })))
    chunks.push(bytes)
    const samplesStart = values.length
    for (const [timestampMs, value] of samples) {
      timestampsMs.push(timestampMs)
      values.push(value)
    }
    const labelsStart = position
    position += bytes.length
    return { labelsStart, labelsEnd: position, samplesStart, samplesEnd: values.length, stale: false, exemplars: [] }
  })
  return { bytes: Buffer.concat(chunks), spans, timestampsMs, values }
}

/** The batch as metric name and samples, in order. */
function plain(batch: SampleBatch = batchOf()): [string | undefined, ...Sample[]][] {
  return batch.spans.map((span) => [
    decodeLabels(batch.bytes, span.labelsStart, span.labelsEnd).get('__name__'),
    ...batch.values
      .slice(span.samplesStart, span.samplesEnd)
      .map((value, index): Sample => [batch.timestampsMs[span.samplesStart + index] ?? 0, value]),
  ])
}

function filler(options: {
  newestMs?: (labels: Labels) => number | undefined
  series?: { metric: Record<string, string>; values: [number, string][] }[]
  startTime?: () => string
  fails?: () => boolean
}) {
  const ingested: SampleBatch[] = []
  const queries: Record<string, string>[] = []
  const seen = { restarts: 0, filled: 0, unfilled: 0 }
  const clock = { nowMs: NOW_MS }
  const holeFiller = new HoleFiller({
    ingester: {
      ingest: async (batch) => void ingested.push(batch),
      describe: () => {},
      newestMs: (bytes, start, end) => options.newestMs?.(decodeLabels(bytes, start, end)),
    },
    askPrometheus: async (path, query) => {
      if (path === '/api/v1/status/runtimeinfo')
        return { startTime: options.startTime?.() ?? new Date(STARTED_MS).toISOString() }
      queries.push(query)
      if (options.fails?.()) throw new Error('503 Service Unavailable')
      return { resultType: 'matrix', result: options.series ?? [] }
    },
    externalLabels: () => EXTERNAL,
    observer: {
      prometheusRestarted: () => {
        seen.restarts += 1
      },
      filled: (samples) => {
        seen.filled += samples
      },
      unfilled: (series) => {
        seen.unfilled += series
      },
    },
    nowMs: () => clock.nowMs,
  })
  return { holeFiller, ingested, queries, seen, clock }
}

const LIMITS = { deadlineMs: 25_000 }

test('puts the raw samples that were skipped before the first new one', async () => {
  const { holeFiller, ingested, queries, seen } = filler({
    newestMs: () => NOW_MS - 60_000,
    series: [
      {
        metric: UP,
        values: [60_000, 50_000, 40_000, 10_000, 0].map((ago, index) => [(NOW_MS - ago) / 1000, `${index}`]),
      },
    ],
  })
  await holeFiller.ingest(batchOf([UP, [NOW_MS - 10_000, 3]]), LIMITS)
  assert.deepEqual(plain(ingested[0]), [
    ['up', [NOW_MS - 50_000, 1], [NOW_MS - 40_000, 2]],
    ['up', [NOW_MS - 10_000, 3]],
  ])
  assert.deepEqual(queries, [{ query: '{job="app",instance="i"}[120s]', time: (NOW_MS / 1000).toFixed(3) }])
  assert.deepEqual(seen, { restarts: 1, filled: 2, unfilled: 0 })
})

test('passes on as it is what has no hole', async () => {
  const cases: [string, number | undefined, number][] = [
    ['a series that is new', undefined, NOW_MS - 10_000],
    ['a series that was taken since', STARTED_MS, NOW_MS - 10_000],
    ['a sample from before the restart', NOW_MS - 60_000, STARTED_MS - 1],
    ['a series that was silent for a day', NOW_MS - 86_400_001, NOW_MS - 10_000],
  ]
  for (const [name, newestMs, timestampMs] of cases) {
    const { holeFiller, ingested, queries } = filler({ newestMs: () => newestMs })
    const batch = batchOf([UP, [timestampMs, 1]])
    await holeFiller.ingest(batch, LIMITS)
    assert.equal(ingested[0], batch, name)
    assert.deepEqual(queries, [], name)
  }
})

test('asks once for all series of a target', async () => {
  const { holeFiller, queries } = filler({ newestMs: () => NOW_MS - 60_000 })
  const series = Array.from({ length: 20 }, (_, index) => ({ ...UP, __name__: `metric_${index}` }))
  await Promise.all(series.map((labels) => holeFiller.ingest(batchOf([labels, [NOW_MS - 10_000, 1]]), LIMITS)))
  assert.equal(queries.length, 1)
})

test('holds samples back while Prometheus does not answer, for a minute; then counts and goes on', async () => {
  const { holeFiller, ingested, seen, clock } = filler({ newestMs: () => NOW_MS - 60_000, fails: () => true })
  const batch = batchOf([UP, [NOW_MS - 10_000, 1]])
  await assert.rejects(
    holeFiller.ingest(batch, LIMITS),
    (error) => error instanceof RetryLaterError && error.code === 'targets',
  )
  clock.nowMs += 60_000
  await holeFiller.ingest(batch, LIMITS)
  assert.equal(ingested[0], batch)
  assert.equal(seen.unfilled, 1)
})

test('looks for a restart when a sender connects, and not else', async () => {
  let started = STARTED_MS
  let asked = 0
  const { holeFiller, seen } = filler({
    startTime: () => {
      asked += 1
      return new Date(started).toISOString()
    },
  })
  const batch = batchOf([UP, [NOW_MS, 1]])
  await holeFiller.ingest(batch, LIMITS)
  await holeFiller.ingest(batch, LIMITS)
  assert.equal(asked, 1)
  started += 5000
  holeFiller.senderConnected()
  await holeFiller.ingest(batch, LIMITS)
  assert.equal(asked, 2)
  assert.equal(seen.restarts, 2)
})
