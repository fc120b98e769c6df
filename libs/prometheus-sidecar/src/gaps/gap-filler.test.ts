import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { RetryLaterError } from '../model/ingester.ts'
import { decodeLabels, encodeLabels, type Labels } from '../model/labels.ts'
import type { SampleBatch } from '../model/sample.ts'
import { GapFiller } from './gap-filler.ts'

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

interface FillerOptions {
  newestMs?: (labels: Labels) => number | undefined
  taken?: [labels: Record<string, string>, newestMs: number][]
  series?: { metric: Record<string, string>; values: [number, string][] }[]
  startTime?: () => string
  fails?: () => boolean
  refuses?: () => boolean
  saved?: unknown
}

function filler(options: FillerOptions) {
  const ingested: SampleBatch[] = []
  const queries: Record<string, string>[] = []
  const seen = { restarts: 0, filled: 0, unfilled: 0 }
  const clock = { nowMs: NOW_MS }
  const kept: { saved: unknown } = { saved: undefined }
  const taken = new Map(
    options.taken?.map(([labels, newestMs]) => [
      encodeLabels(new Map(Object.entries({ ...labels, region: 'eu' }))).toString('latin1'),
      newestMs,
    ]),
  )
  const holeFiller = new GapFiller({
    ingester: {
      async ingest(batch) {
        if (options.refuses?.() === true) throw new RetryLaterError('full', 'much is on its way')
        ingested.push(batch)
        for (const { labelsStart, labelsEnd, samplesEnd } of batch.spans) {
          taken.set(batch.bytes.toString('latin1', labelsStart, labelsEnd), batch.timestampsMs[samplesEnd - 1] ?? 0)
        }
      },
      addMetadata: () => {},
      newestMs: (bytes, start, end) =>
        options.newestMs?.(decodeLabels(bytes, start, end)) ?? taken.get(bytes.toString('latin1', start, end)),
      acceptedSeries: () =>
        [...taken].map(([labels, newestMs]) => ({ labels: Buffer.from(labels, 'latin1'), newestMs })),
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
    saved: options.saved,
    save: (saved) => {
      kept.saved = saved
    },
    nowMs: () => clock.nowMs,
  })
  return { holeFiller, ingested, queries, seen, clock, kept }
}

const LIMITS = { deadlineMs: 25_000 }

test('inserts the skipped raw samples before the first new one', async () => {
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
  assert.deepEqual(queries, [{ query: '{job="app",instance="i"}[360s]', time: (NOW_MS / 1000).toFixed(3) }])
  assert.deepEqual(seen, { restarts: 1, filled: 2, unfilled: 0 })
})

test('passes on unchanged what has no gap', async () => {
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

test('queries once for all series of a target', async () => {
  const { holeFiller, queries } = filler({ newestMs: () => NOW_MS - 60_000 })
  const series = Array.from({ length: 20 }, (_, index) => ({ ...UP, __name__: `metric_${index}` }))
  await Promise.all(series.map((labels) => holeFiller.ingest(batchOf([labels, [NOW_MS - 10_000, 1]]), LIMITS)))
  assert.equal(queries.length, 1)
})

test('rejects samples for a minute while Prometheus does not answer, then counts the gaps and goes on', async () => {
  const { holeFiller, ingested, seen, clock } = filler({ newestMs: () => NOW_MS - 60_000, fails: () => true })
  const batch = batchOf([UP, [NOW_MS - 10_000, 1]])
  await assert.rejects(
    holeFiller.ingest(batch, LIMITS),
    (error) => error instanceof RetryLaterError && error.reason === 'targets',
  )
  clock.nowMs += 60_000
  await holeFiller.ingest(batch, LIMITS)
  assert.equal(ingested[0], batch)
  assert.equal(seen.unfilled, 1)
})

test('counts once a series that Prometheus’ database no longer has', async () => {
  const { holeFiller, ingested, seen } = filler({
    newestMs: () => NOW_MS - 60_000,
    series: [{ metric: UP, values: [[(NOW_MS - 10_000) / 1000, '1']] }],
  })
  const batch = batchOf([UP, [NOW_MS - 10_000, 1]])
  await holeFiller.ingest(batch, LIMITS)
  await holeFiller.ingest(batch, LIMITS)
  assert.equal(ingested[0], batch)
  assert.deepEqual(seen, { restarts: 1, filled: 0, unfilled: 1 })
})

test('checks for a restart only when a sender connects', async () => {
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

test('rejects samples for a minute while the start of Prometheus is unknown, then counts the gaps that may have passed', async () => {
  let away = true
  const { holeFiller, ingested, seen, clock } = filler({
    taken: [[UP, NOW_MS - 60_000]],
    startTime() {
      if (away) throw new Error('no route')
      return new Date(STARTED_MS).toISOString()
    },
  })
  const batch = batchOf([UP, [NOW_MS - 10_000, 1]])
  await assert.rejects(holeFiller.ingest(batch, LIMITS), { reason: 'targets', message: /no route/ })
  clock.nowMs += 60_000
  await holeFiller.ingest(batch, LIMITS)
  assert.equal(ingested.length, 1)
  away = false
  clock.nowMs += 60_000
  await holeFiller.tick()
  assert.deepEqual(seen, { restarts: 1, filled: 0, unfilled: 1 })
})

test('goes on checking for restarts, and rejects no samples, after the clock was set back', async () => {
  let away = true
  let started = STARTED_MS
  const { holeFiller, ingested, seen, clock } = filler({
    startTime() {
      if (away) throw new Error('no route')
      return new Date(started).toISOString()
    },
  })
  const batch = batchOf([UP, [NOW_MS - 10_000, 1]])
  await assert.rejects(holeFiller.ingest(batch, LIMITS), { reason: 'targets' })
  clock.nowMs -= 3_600_000
  await holeFiller.ingest(batch, LIMITS)
  assert.equal(ingested.length, 1)
  away = false
  clock.nowMs -= 3_600_000
  await holeFiller.tick()
  assert.equal(seen.restarts, 1)
  clock.nowMs -= 3_600_000
  started += 1
  await holeFiller.tick()
  assert.equal(seen.restarts, 2)
})

describe('a series that does not return', () => {
  const GONE = { __name__: 'jobs_total', job: 'gone', instance: 'j', path: 'a"b' }
  const TOOK_MS = NOW_MS - 60_000
  const HOLE = [60_000, 50_000, 40_000].map((ago, index): [number, string] => [(NOW_MS - ago) / 1000, `${index}`])
  const AFTER_SCRAPES_MS = 90_000

  test('gets what was scraped before the restart, once series had time to return', async () => {
    const { holeFiller, ingested, queries, seen, clock } = filler({
      taken: [
        [GONE, TOOK_MS],
        [UP, TOOK_MS],
      ],
      series: [
        { metric: GONE, values: [...HOLE, [(STARTED_MS + 1000) / 1000, '9']] },
        { metric: UP, values: [[TOOK_MS / 1000, '1']] },
      ],
    })
    await holeFiller.ingest(batchOf([UP, [NOW_MS - 10_000, 1]]), LIMITS)
    await holeFiller.tick()
    assert.equal(queries.length, 1)
    clock.nowMs += AFTER_SCRAPES_MS
    await holeFiller.tick()
    assert.deepEqual(plain(ingested[1]), [['jobs_total', [NOW_MS - 50_000, 1], [NOW_MS - 40_000, 2]]])
    assert.equal(queries[1]?.query, '{__name__="jobs_total",instance="j",job="gone",path="a\\"b"}[450s]')
    assert.deepEqual(seen, { restarts: 1, filled: 2, unfilled: 0 })
    await holeFiller.tick()
    assert.equal(queries.length, 2)
  })

  test('is found although nothing is sent any more', async () => {
    const { holeFiller, seen, clock } = filler({ taken: [[GONE, TOOK_MS]], series: [{ metric: GONE, values: HOLE }] })
    await holeFiller.tick()
    clock.nowMs += AFTER_SCRAPES_MS
    await holeFiller.tick()
    assert.deepEqual(seen, { restarts: 1, filled: 2, unfilled: 0 })
  })

  test('is queried together with all others of its target if there are many', async () => {
    const series = Array.from({ length: 21 }, (_, index) => ({ ...GONE, path: `/${index}` }))
    const { holeFiller, queries, seen, clock } = filler({
      taken: series.map((labels) => [labels, TOOK_MS]),
      series: series.map((metric) => ({ metric, values: HOLE })),
    })
    await holeFiller.tick()
    clock.nowMs += AFTER_SCRAPES_MS
    await holeFiller.tick()
    assert.deepEqual(
      queries.map(({ query }) => query),
      ['{job="gone",instance="j"}[450s]'],
    )
    assert.equal(seen.filled, 42)
  })

  test('is ignored if it ended long before the restart', async () => {
    const { holeFiller, queries, clock } = filler({
      taken: [
        [UP, STARTED_MS - 1],
        [GONE, STARTED_MS - 7_200_002],
      ],
      series: [{ metric: UP, values: [[(STARTED_MS - 1) / 1000, '1']] }],
    })
    await holeFiller.tick()
    clock.nowMs += AFTER_SCRAPES_MS
    await holeFiller.tick()
    assert.deepEqual(
      queries.map(({ query }) => query),
      ['{__name__="up",instance="i",job="app"}[421s]'],
    )
  })

  test('is counted if Prometheus has lost its database', async () => {
    const { holeFiller, ingested, seen, clock } = filler({ taken: [[GONE, TOOK_MS]] })
    await holeFiller.tick()
    clock.nowMs += AFTER_SCRAPES_MS
    await holeFiller.tick()
    assert.deepEqual([ingested.length, seen], [0, { restarts: 1, filled: 0, unfilled: 1 }])
  })

  test('is counted if Prometheus does not answer for ten minutes', async () => {
    const { holeFiller, seen, clock, kept } = filler({ taken: [[GONE, TOOK_MS]], fails: () => true })
    await holeFiller.tick()
    clock.nowMs += AFTER_SCRAPES_MS
    await holeFiller.tick()
    assert.equal(seen.unfilled, 0)
    clock.nowMs += 510_000
    await holeFiller.tick()
    assert.equal(seen.unfilled, 1)
    assert.deepEqual(kept.saved, { startedMs: STARTED_MS, takenMs: TOOK_MS, done: true })
  })

  test('is filled later if there was no room', async () => {
    let full = true
    const { holeFiller, seen, clock, kept } = filler({
      taken: [[GONE, TOOK_MS]],
      series: [{ metric: GONE, values: HOLE }],
      refuses: () => full,
    })
    await holeFiller.tick()
    clock.nowMs += AFTER_SCRAPES_MS
    await holeFiller.tick()
    assert.deepEqual(kept.saved, { startedMs: STARTED_MS, takenMs: TOOK_MS, done: false })
    full = false
    await holeFiller.tick()
    assert.equal(seen.filled, 2)
  })

  test('is not queried again in the next run, except after a crash', async () => {
    for (const [done, asked] of [
      [true, 0],
      [false, 1],
    ] as const) {
      const { holeFiller, queries, clock } = filler({
        taken: [[GONE, TOOK_MS]],
        saved: { startedMs: STARTED_MS, takenMs: TOOK_MS, done },
      })
      await holeFiller.tick()
      clock.nowMs += AFTER_SCRAPES_MS
      await holeFiller.tick()
      assert.equal(queries.length, asked, `done: ${done}`)
    }
  })
})
