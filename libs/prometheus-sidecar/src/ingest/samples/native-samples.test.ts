import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { FakeApi, passLearning, type Sidecar, startSidecar, stored } from '../../../test/testing/ingester-rig.ts'
import { encodeVersion2, type PlainSeries2 } from '../../../test/testing/version-2-encoder.ts'
import type { PlainHistogram } from '../../../test/testing/write-request-encoder.ts'
import { decodeVersion2 } from '../../remote-write/version-2.ts'

const LABELS = { __name__: 'h', instance: 'h:1', job: 'j' }

/** A histogram whose buckets (from index 0 on) have these counts; its sum is its count. */
function histogram(timestamp: number, counts: readonly number[], more: Partial<PlainHistogram> = {}): PlainHistogram {
  const count = counts.reduce((sum, bucket) => sum + bucket, 0)
  return {
    timestamp,
    countInt: count,
    sum: count,
    positiveSpans: [{ offset: 0, length: counts.length }],
    positiveDeltas: counts.map((bucket, index) => bucket - (counts[index - 1] ?? 0)),
    ...more,
  }
}

async function sendSeries(sidecar: Sidecar, ...timeseries: PlainSeries2[]): Promise<void> {
  await sidecar.ingester.ingest(decodeVersion2(encodeVersion2({ timeseries })).batch, { deadlineMs: 30_000 })
}

const send = (sidecar: Sidecar, ...histograms: PlainHistogram[]) => sendSeries(sidecar, { labels: LABELS, histograms })

const classic = (timestamp: number, count: number): PlainSeries2[] =>
  [
    { __name__: 'h_bucket', le: '1' },
    { __name__: 'h_bucket', le: '+Inf' },
    { __name__: 'h_sum' },
    { __name__: 'h_count' },
  ].map((labels) => ({ labels: { ...LABELS, ...labels }, samples: [{ timestamp, value: count }] }))

describe('native histograms', () => {
  it('become distributions: the first is a baseline, unless the target reported its start', async () => {
    const sidecar = await startSidecar()
    await send(sidecar, histogram(10_000, [1, 2]), histogram(20_000, [1, 5]))
    await send(sidecar, histogram(30_000, [2, 5, 0, 1]))
    await sendSeries(sidecar, {
      labels: { ...LABELS, told: 'yes' },
      histograms: [histogram(10_000, [1, 2], { startTimestamp: 5_000 })],
    })
    assert.deepEqual(stored(sidecar), {
      h: ['10000..20000 0.5*2^2 [0 0 3 0] mean 1', '10000..30000 0.5*2^4 [0 1 3 0 1 0] mean 1'],
      'h told=yes': ['5000..10000 0.5*2^2 [0 1 2 0] mean 1'],
    })
    assert.deepEqual([...sidecar.drops], [['first_sample', 1]])
  })

  it('use memory according to their buckets: the newest are dropped and counted if there is none left', async () => {
    const sidecar = await startSidecar({ maxSeriesBytes: 10_000 })
    const many = Array.from({ length: 40 }, (_, bucket) => bucket + 1)
    const labelled = (n: string, at: number) => ({ labels: { ...LABELS, n }, histograms: [histogram(at, many)] })
    for (const at of [10_000, 20_000]) await sendSeries(sidecar, ...['1', '2', '3'].map((n) => labelled(n, at)))
    assert.equal(sidecar.ingester.seriesCount, 1)
    assert.deepEqual(
      [...sidecar.drops],
      [
        ['too_many_series', 4],
        ['first_sample', 1],
      ],
    )
    sidecar.clock.nowMs += 90_000_001
    sidecar.ingester.sweep()
    assert.equal(sidecar.ingester.seriesBytes, 0)
  })

  it('restart when something in them falls, or when their target or Prometheus says so', async () => {
    const cases: [title: string, second: PlainHistogram, expected: string][] = [
      ['the count falls', histogram(20_000, [1]), '19999..20000 0.5*2^1 [0 1 0] mean 1'],
      ['a bucket falls', histogram(20_000, [1, 9]), '19999..20000 0.5*2^2 [0 1 9 0] mean 1'],
      ['a bucket is gone', histogram(20_000, [0, 9]), '19999..20000 0.5*2^2 [0 0 9 0] mean 1'],
      ['the schema rises', histogram(20_000, [9], { schema: 1 }), '19999..20000 '],
      ['Prometheus knows it', histogram(20_000, [5], { resetHint: 1 }), '19999..20000 0.5*2^1 [0 5 0] mean 1'],
      [
        'the target reports it',
        histogram(20_000, [5], { startTimestamp: 15_000 }),
        '15000..20000 0.5*2^1 [0 5 0] mean 1',
      ],
    ]
    for (const [title, second, expected] of cases) {
      const sidecar = await startSidecar()
      await send(sidecar, histogram(5_000, [1]))
      await send(
        sidecar,
        histogram(10_000, [3], title.startsWith('the target') ? { startTimestamp: 1_000 } : {}),
        second,
      )
      assert.ok(stored(sidecar).h?.at(-1)?.startsWith(expected), `${title}: ${stored(sidecar).h}`)
    }
  })

  it('continue when their resolution falls or their zero bucket grows', async () => {
    const sidecar = await startSidecar()
    await send(
      sidecar,
      histogram(10_000, [1, 1, 1, 1], { schema: 1 }),
      histogram(20_000, [2, 3, 2]),
      histogram(30_000, [4, 2], {
        zeroThreshold: 1,
        zeroCountInt: 2,
        countInt: 8,
        sum: 8,
        positiveSpans: [{ offset: 1, length: 2 }],
      }),
    )
    assert.deepEqual(stored(sidecar).h, [
      '10000..20000 0.5*2^3 [0 1 1 1 0] mean 1',
      '10000..30000 1*2^2 [1 2 1 0] mean 1',
    ])
  })

  it('have explicit bounds if they have custom buckets', async () => {
    const sidecar = await startSidecar()
    const custom = { schema: -53, customValues: [0.1, 1] }
    await send(sidecar, histogram(10_000, [1, 2, 1], custom), histogram(20_000, [2, 5, 2], custom))
    assert.deepEqual(stored(sidecar).h, ['10000..20000 [1 3 1] mean 1'])
  })

  it('end with a stale marker, and continue after it', async () => {
    const sidecar = await startSidecar()
    const request = encodeVersion2({
      timeseries: [{ labels: LABELS, histograms: [{ timestamp: 25_000, sum: Number.NaN }] }],
    })
    request.writeBigUInt64LE(0x7ff0000000000002n, request.indexOf(Buffer.from([0, 0, 0, 0, 0, 0, 0xf8, 0x7f])))
    await send(sidecar, histogram(10_000, [1]), histogram(20_000, [2]))
    await sidecar.ingester.ingest(decodeVersion2(request).batch, { deadlineMs: 30_000 })
    await send(sidecar, histogram(30_000, [4]))
    assert.deepEqual(stored(sidecar).h?.at(-1), '10000..30000 0.5*2^1 [0 3 0] mean 1')
  })

  it('are counted if they are gauges or can’t be represented', async () => {
    const sidecar = await startSidecar()
    await send(sidecar, histogram(10_000, [1], { resetHint: 3 }))
    await send(sidecar, histogram(20_000, [1]), histogram(30_000, [2], { sum: Number.NaN }))
    assert.deepEqual(
      [...sidecar.drops],
      [
        ['unexpected_metric_type', 1],
        ['first_sample', 1],
        ['nan', 1],
      ],
    )
    assert.deepEqual(stored(sidecar), {})
  })

  it('have exemplars', async () => {
    const sidecar = await startSidecar()
    await send(sidecar, histogram(10_000, [1]))
    const exemplars = [{ labels: { trace: 'a' }, value: 1, timestamp: 19_000 }]
    await sendSeries(sidecar, { labels: LABELS, histograms: [histogram(20_000, [2])], exemplars })
    assert.equal(sidecar.api.exemplars.length, 1)
  })

  it('are counted once when they are resent, whatever the API responded', async () => {
    const sidecar = await startSidecar()
    let fate: 'ok' | 'down' | 'lost' = 'lost'
    sidecar.api.fate = () => fate
    const histograms = [histogram(10_000, [1]), histogram(20_000, [2]), histogram(30_000, [4])]
    const waiting = sidecar.ingester.ingest(
      decodeVersion2(encodeVersion2({ timeseries: [{ labels: LABELS, histograms }] })).batch,
      { deadlineMs: 50 },
    )
    await assert.rejects(waiting, { reason: 'deadline' })
    fate = 'ok'
    await send(sidecar, ...histograms)
    await send(sidecar, histogram(40_000, [5]))
    assert.deepEqual(stored(sidecar).h, [
      '10000..20000 0.5*2^1 [0 1 0] mean 1',
      '10000..30000 0.5*2^1 [0 3 0] mean 1',
      '10000..40000 0.5*2^1 [0 4 0] mean 1',
    ])
  })

  it('continue in the next run', async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'sidecar-native-'))
    context.after(() => rm(folder, { recursive: true }))
    const stateFile = join(folder, 'state')
    const api = new FakeApi()
    for (const [timestamp, counts] of [
      [10_000, [1, 0.5]],
      [20_000, [1, 2.5]],
      [30_000, [2, 3.5]],
      [40_000, [1, 9]],
    ] as const) {
      const sidecar = await startSidecar({ api, stateFile })
      const { positiveSpans = [], sum } = histogram(timestamp, counts)
      await send(sidecar, { timestamp, sum, countFloat: sum, positiveSpans, positiveCounts: counts })
      await sidecar.close()
    }
    assert.deepEqual(api.points.get('h'), [
      '10000..20000 0.5*2^2 [0 0 2 0] mean 1',
      '10000..30000 0.5*2^2 [0 1 3 0] mean 1',
      '39999..40000 0.5*2^2 [0 1 9 0] mean 1',
    ])
  })

  it('become a baseline if the state was lost, and continue from there', async () => {
    const sidecar = await startSidecar()
    sidecar.api.have('h', '1000..9000 0')
    await send(
      sidecar,
      histogram(10_000, [3], { startTimestamp: 500 }),
      histogram(20_000, [5], { startTimestamp: 500 }),
    )
    assert.deepEqual(stored(sidecar).h, ['1000..9000 0', '10000..20000 0.5*2^1 [0 2 0] mean 1'])
  })
})

describe('native histograms next to classic ones', () => {
  it('are counted, and take over without loss when the classic ones end', async () => {
    const sidecar = await startSidecar()
    for (const [timestamp, count] of [
      [10_000, 1],
      [20_000, 3],
      [30_000, 6],
    ] as const) {
      await sendSeries(sidecar, ...classic(timestamp, count), {
        labels: LABELS,
        histograms: [histogram(timestamp, [count])],
      })
      passLearning(sidecar)
    }
    const end = 30_000 + 301_000
    await send(sidecar, histogram(end, [7]), histogram(end + 10_000, [9]))
    assert.deepEqual(stored(sidecar).h, [
      '10000..20000 [2 0] mean 1',
      '10000..30000 [5 0] mean 1',
      `30001..${end} 0.5*2^1 [0 1 0] mean 1`,
      `30001..${end + 10_000} 0.5*2^1 [0 3 0] mean 1`,
    ])
    assert.equal(sidecar.drops.get('native_histogram'), 3)
  })
})
