import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { FakePrometheus } from '../../test/testing/fake-prometheus.ts'
import {
  batchOf,
  passLearning,
  type Sent,
  type Sidecar,
  sample,
  send,
  startSidecar,
  stored,
} from '../../test/testing/ingester-rig.ts'
import { type NativeHistogram, NO_BUCKETS } from '../model/native-histogram.ts'
import { PrometheusApiError } from '../targets/prometheus-api.ts'
import { GapFiller } from './gap-filler.ts'

interface Rig {
  readonly sidecar: Sidecar
  readonly prometheus: FakePrometheus
  readonly filler: GapFiller
  readonly seen: { filled: number; series: number; samples: number; reasons: Set<string> }
  readonly clock: { nowMs: number }
}

async function startRig(options: Parameters<typeof startSidecar>[0] = {}): Promise<Rig> {
  const sidecar = await startSidecar(options)
  const prometheus = new FakePrometheus()
  const seen = { filled: 0, series: 0, samples: 0, reasons: new Set<string>() }
  const clock = { nowMs: 1_000_000 }
  const filler = new GapFiller({
    ingester: sidecar.ingester,
    queryPrometheus: prometheus.request,
    readHistograms: prometheus.readHistograms,
    checkConfig: async () => {},
    externalLabels: () => prometheus.externalLabels,
    isSent: (labels) => prometheus.isSent(labels),
    observer: {
      filled: (samples) => {
        seen.filled += samples
      },
      unfilled: ({ series, samples, reason }) => {
        seen.series += series
        seen.samples += samples
        seen.reasons.add(reason)
      },
    },
    nowMs: () => clock.nowMs,
  })
  sidecar.ingester.closeGapsWith(filler)
  return { sidecar, prometheus, filler, seen, clock }
}

describe('a gap before a sample', () => {
  let rig: Rig
  beforeEach(async () => {
    rig = await startRig()
  })

  /** Prometheus scrapes all of them, and sends those not marked with `lost`. */
  async function scrape(...texts: readonly string[]): Promise<void> {
    const scraped: Sent[] = []
    const sent: string[] = []
    for (const text of texts) {
      scraped.push(sample(text.replace('lost ', '')))
      if (!text.startsWith('lost ')) sent.push(text)
    }
    rig.prometheus.add(...scraped)
    if (sent.length > 0) await send(rig.sidecar, ...sent)
  }

  it('is filled from Prometheus’ database, whatever made it skip the samples', async () => {
    await scrape('g 1 @10000', 'c_total 1 @10000')
    await scrape('lost g 2 @20000', 'lost c_total 3 @20000', 'lost g 3 @30000', 'lost c_total 2 @30000')
    await scrape('g 4 @40000', 'c_total 7 @40000')
    assert.deepEqual(stored(rig.sidecar), {
      c: ['10000..20000 2', '29999..30000 2', '29999..40000 7'],
      g: ['10000 1', '20000 2', '30000 3', '40000 4'],
    })
    assert.deepEqual(rig.seen, { filled: 4, series: 0, samples: 0, reasons: new Set() })
  })

  it('causes no queries if nothing is missing', async () => {
    await scrape('g 1 @10000')
    await scrape('g 2 @20000')
    await scrape('g 3 @35000')
    await scrape('g 4 @45000', 'g 5 @55000', 'g 6 @65000')
    assert.deepEqual(rig.prometheus.queries, [])
  })

  it('is found between two samples of one request, and before a stale marker', async () => {
    await scrape('g 1 @10000', 'g{a=1} 1 @10000')
    await scrape('g 2 @20000', 'lost g 3 @30000', 'lost g{a=1} 2 @20000')
    await scrape('g 4 @40000', 'g{a=1} stale @40000')
    assert.deepEqual(stored(rig.sidecar), {
      g: ['10000 1', '20000 2', '30000 3', '40000 4'],
      'g a=1': ['10000 1', '20000 2'],
    })
  })

  it('is not a gap if Prometheus did not scrape', async () => {
    await scrape('g 1 @10000')
    await scrape('g 2 @90000')
    assert.equal(rig.prometheus.queries.length, 1)
    assert.deepEqual(rig.seen, { filled: 0, series: 0, samples: 0, reasons: new Set() })
  })

  it('is queried once in a series with fewer samples than scrapes', async () => {
    for (let at = 60_000; at <= 600_000; at += 60_000) await scrape(`g ${at} @${at}`)
    assert.ok(rig.prometheus.queries.length <= 3, rig.prometheus.queries.join('\n'))
  })

  it('of a histogram is filled completely', async () => {
    const parts = (values: readonly number[], at: number) => [
      `h_bucket{le=1} ${values[0]} @${at}`,
      `h_bucket{le=+Inf} ${values[1]} @${at}`,
      `h_count ${values[1]} @${at}`,
      `h_sum ${values[2]} @${at}`,
    ]
    await scrape(...parts([1, 2, 3], 10_000))
    passLearning(rig.sidecar)
    await scrape(...parts([2, 4, 6], 20_000).map((text) => `lost ${text}`))
    const [bucket = '', ...others] = parts([3, 6, 9], 30_000)
    await scrape(bucket)
    await scrape(...others)
    assert.deepEqual(stored(rig.sidecar).h, ['10000..20000 [1 1] mean 1.5', '10000..30000 [2 2] mean 1.5'])
  })

  it('yields the starts that it hides, and one restart remains one', async () => {
    await scrape('c_total 120 @10000', 'c_created 2 @10000')
    await scrape('lost c_total 5 @20000', 'lost c_created 12 @20000')
    await scrape('c_total 8 @30000', 'c_created 12 @30000')
    await scrape('c_total 9 @40000', 'c_created 12 @40000')
    assert.deepEqual(stored(rig.sidecar).c, ['2000..10000 120', '12000..20000 5', '12000..30000 8', '12000..40000 9'])
  })

  it('yields series that were skipped from their first sample on', async () => {
    await scrape('g 1 @10000')
    await scrape('lost g 2 @20000', 'lost g{a=1} 1 @20000')
    await scrape('g 3 @30000', 'lost g{a=1} 2 @30000')
    await scrape('g 4 @40000', 'g{a=1} 3 @40000')
    assert.deepEqual(stored(rig.sidecar)['g a=1'], ['20000 1', '30000 2', '40000 3'])
  })

  it('yields series of other metrics of its target, even those of a single scrape', async () => {
    await scrape('c_total 1 @10000')
    await scrape('lost c_total 2 @20000', 'lost g 7 @20000')
    await scrape('c_total 3 @30000')
    await rig.filler.tick()
    assert.deepEqual(stored(rig.sidecar), { c: ['10000..20000 1', '10000..30000 2'], g: ['20000 7'] })
    assert.deepEqual(rig.seen, { filled: 2, series: 0, samples: 0, reasons: new Set() })
    const asked = rig.prometheus.queries.length
    await rig.filler.tick()
    assert.equal(rig.prometheus.queries.length, asked, 'once')
  })

  it('yields whole series of which nothing arrived, from the scrape on that others were sent of', async () => {
    await scrape('c_total 1 @10000', 'lost g 5 @10000', 'lost c_total{a=1} 1 @10000')
    await scrape('lost c_total 2 @20000', 'lost g 6 @20000', 'lost c_total{a=1} 4 @20000')
    await scrape('lost c_total 3 @30000', 'lost g 7 @30000', 'lost c_total{a=1} 9 @30000')
    await scrape('c_total 4 @40000', 'lost g 8 @40000', 'lost c_total{a=1} 9 @40000')
    await rig.filler.tick()
    await scrape('c_total 5 @50000', 'g 9 @50000', 'c_total{a=1} 10 @50000')
    assert.deepEqual(stored(rig.sidecar), {
      c: ['10000..20000 1', '10000..30000 2', '10000..40000 3', '10000..50000 4'],
      'c a=1': ['10000..20000 3', '10000..30000 8', '10000..40000 8', '10000..50000 9'],
      g: ['10000 5', '20000 6', '30000 7', '40000 8', '50000 9'],
    })
  })

  it('yields them in all windows of a long gap alike', async () => {
    const ENDS_MS = 3_600_000
    const others = Array.from({ length: 400 }, (_, index) => `g{n=${index}} 1`)
    const lost = (timeMs: number) => `lost g{a=1} 1 @${timeMs}`
    await scrape(...others.map((text) => `${text} @10000`), lost(10_000))
    for (let timeMs = 20_000; timeMs < ENDS_MS; timeMs += 10_000)
      await scrape(...others.map((text) => `lost ${text} @${timeMs}`), lost(timeMs))
    await scrape(...others.map((text) => `${text} @${ENDS_MS}`), lost(ENDS_MS))
    await scrape(`g{a=1} 1 @${ENDS_MS + 10_000}`)
    assert.ok(rig.prometheus.queries.length > 2)
    assert.equal(stored(rig.sidecar)['g n=7']?.length, ENDS_MS / 10_000)
    assert.equal(stored(rig.sidecar)['g a=1']?.length, ENDS_MS / 10_000 + 1)
  })

  it('yields nothing that write_relabel_configs exclude', async () => {
    rig.prometheus.isSent = (labels) => !/^(ALERTS|g)$/.test(labels.get('__name__') ?? '')
    await scrape('c_total 1 @10000', 'lost g 6 @10000')
    await scrape('lost c_total 2 @20000', 'lost g 7 @20000', 'lost ALERTS 1 @20000')
    await scrape('c_total 3 @30000', 'lost g 8 @30000', 'lost ALERTS 1 @30000')
    await rig.filler.tick()
    assert.deepEqual(stored(rig.sidecar), { c: ['10000..20000 1', '10000..30000 2'] })
    assert.equal(rig.seen.filled, 1)
  })

  it('quotes label names and values as PromQL does', async () => {
    const labels = { __name__: 'g', job: 'j', instance: 'h:1', 'a.b': 'x\ny"\\\u{1}ü' }
    const at = (timestampMs: number) => ({ labels, timestampMs, value: timestampMs })
    rig.prometheus.add(at(10_000), at(20_000), at(30_000))
    for (const timestampMs of [10_000, 30_000])
      await rig.sidecar.ingester.ingest(batchOf([at(timestampMs)]), { deadlineMs: 30_000 })
    assert.equal(rig.seen.filled, 1)
  })

  it('is filled in several windows if it is long', async () => {
    await scrape('g 0 @10000')
    await scrape(...Array.from({ length: 10_000 }, (_, index) => `lost g 1 @${(index + 2) * 10_000}`))
    rig.clock.nowMs = 100_020_000
    rig.sidecar.clock.nowMs = rig.clock.nowMs
    await scrape('g 9 @100020000')
    assert.ok(rig.seen.filled >= 8_640 - 1, `${rig.seen.filled}`)
  })

  it('is counted by series and samples if the database has lost it', async () => {
    await send(rig.sidecar, 'g 1 @10000', 'c_total 1 @10000')
    await send(rig.sidecar, 'g 5 @50000', 'c_total 5 @50000')
    await send(rig.sidecar, 'g 6 @60000')
    assert.deepEqual([rig.seen.series, rig.seen.samples], [2, 6])
  })

  const notAnswered: readonly [what: string, failure: PrometheusApiError][] = [
    ['does not respond', new PrometheusApiError('no route')],
    ['is not ready', new PrometheusApiError('Service Unavailable', { status: 503 })],
    ['has closed its database', new PrometheusApiError('can’t read from a closed head', { status: 422 })],
    ['is too slow', new PrometheusApiError('context deadline exceeded', { status: 422 })],
    ['has canceled the query', new PrometheusApiError('query was canceled', { status: 499 })],
    ['is behind a proxy that refuses', new PrometheusApiError('answered 403', { status: 403 })],
  ]
  for (const [what, failure] of notAnswered) {
    it(`holds samples back for three minutes while Prometheus ${what}, then is counted`, async () => {
      await scrape('g 1 @10000')
      rig.prometheus.failure = () => failure
      await assert.rejects(send(rig.sidecar, 'g 4 @40000'), { reason: 'targets', message: new RegExp(failure.message) })
      for (let passedMs = 10_000; passedMs < 180_000; passedMs += 10_000) {
        rig.clock.nowMs += 10_000
        await assert.rejects(send(rig.sidecar, 'g 4 @40000'), { reason: 'targets' })
      }
      assert.equal(rig.seen.series, 0)
      rig.clock.nowMs += 10_000
      await send(rig.sidecar, 'g 4 @40000')
      assert.deepEqual([rig.seen.series, rig.seen.samples], [1, 2])
      assert.deepEqual(stored(rig.sidecar).g, ['10000 1', '40000 4'])
    })
  }

  /** Gaps that can't be filled for three minutes. */
  async function giveUp(): Promise<void> {
    await scrape('g 1 @10000')
    await assert.rejects(send(rig.sidecar, 'g 4 @40000'), { reason: 'targets' })
    for (let passedMs = 0; passedMs < 180_000; passedMs += 10_000) {
      rig.clock.nowMs += 10_000
      await send(rig.sidecar, 'g 4 @40000').catch(() => {})
    }
    assert.equal(rig.seen.series, 1)
  }

  it('is filled as soon as Prometheus answers again, even if the previous one could not be', async () => {
    rig.prometheus.failure = () => new PrometheusApiError('Service Unavailable', { status: 503 })
    await giveUp()
    rig.prometheus.failure = undefined
    rig.clock.nowMs += 1
    await scrape('lost g 5 @50000')
    await scrape('g 6 @60000')
    assert.deepEqual(stored(rig.sidecar).g, ['10000 1', '40000 4', '50000 5', '60000 6'])
  })

  it('is not queried for 15 s after a failure that took long, once it could not be filled', async () => {
    let asked = 0
    rig.prometheus.failure = () => {
      asked += 1
      rig.clock.nowMs += 10_000
      return new PrometheusApiError('it did not answer in time')
    }
    await giveUp()
    asked = 0
    rig.clock.nowMs += 15_000
    for (const at of [60_000, 80_000, 100_000]) await send(rig.sidecar, `g 1 @${at}`)
    assert.equal(asked, 1)
    rig.clock.nowMs += 15_000
    await send(rig.sidecar, 'g 1 @120000')
    assert.equal(asked, 2)
  })

  it('is filled after an outage of Prometheus of any length, during which nothing was held back', async () => {
    await scrape('g 1 @10000')
    await scrape('lost g 2 @20000')
    rig.prometheus.failure = () => new PrometheusApiError('no route')
    await assert.rejects(send(rig.sidecar, 'g 3 @30000'), { reason: 'targets' })
    rig.clock.nowMs += 600_000
    await assert.rejects(send(rig.sidecar, 'g 3 @30000'), { reason: 'targets' })
    rig.prometheus.failure = undefined
    await scrape('g 3 @30000')
    assert.equal(rig.seen.series, 0)
    assert.deepEqual(stored(rig.sidecar).g, ['10000 1', '20000 2', '30000 3'])
  })

  it('is counted immediately if there is no database, as in agent mode', async () => {
    await scrape('g 1 @10000')
    rig.prometheus.failure = () => new PrometheusApiError('unavailable with Prometheus Agent', { status: 422 })
    await send(rig.sidecar, 'g 4 @40000')
    assert.deepEqual([rig.seen.series, rig.seen.samples], [1, 2])
  })

  it('is queried once for each series if neither its interval nor a database is known', async () => {
    rig.sidecar.targets.intervalText = undefined
    let asked = 0
    rig.prometheus.failure = () => {
      asked += 1
      return new PrometheusApiError('not found', { status: 404 })
    }
    for (let at = 10_000; at <= 60_000; at += 10_000) await send(rig.sidecar, `g 1 @${at}`)
    assert.deepEqual([asked, rig.seen.series], [1, 0])
  })

  it('needs no response from a stopping Prometheus if its last samples follow the previous ones', async () => {
    await scrape('g 1 @10000')
    rig.prometheus.failure = () => new PrometheusApiError('Service Unavailable', { status: 503 })
    await send(rig.sidecar, 'g 2 @20000')
    assert.deepEqual(stored(rig.sidecar).g, ['10000 1', '20000 2'])
  })
})

describe('a series that falls silent', () => {
  it('gets the samples that were scraped but never sent, once others have continued', async () => {
    const rig = await startRig()
    const lost = [20_000, 30_000].map((at) => sample(`g{a=1} ${at} @${at}`))
    rig.prometheus.add(sample('g{a=1} 1 @10000'), sample('g 1 @10000'), ...lost)
    await send(rig.sidecar, 'g{a=1} 1 @10000', 'g 1 @10000')
    for (let at = 20_000; at <= 200_000; at += 10_000) {
      rig.prometheus.add(sample(`g ${at} @${at}`))
      await send(rig.sidecar, `g ${at} @${at}`)
      rig.clock.nowMs = at
      await rig.filler.tick()
    }
    assert.deepEqual(stored(rig.sidecar)['g a=1'], ['10000 1', '20000 20000', '30000 30000'])
    assert.equal(rig.prometheus.queries.length, 2, 'for this metric, then for all metrics of the target')
    assert.equal(rig.seen.filled, 2)
  })

  it('stays silent if a reload of the configuration has excluded it', async () => {
    const rig = await startRig()
    rig.prometheus.add(sample('g{a=1} 1 @10000'), sample('g 1 @10000'))
    await send(rig.sidecar, 'g{a=1} 1 @10000', 'g 1 @10000')
    rig.prometheus.isSent = (labels) => !labels.has('a')
    for (let at = 20_000; at <= 200_000; at += 10_000) {
      rig.prometheus.add(sample(`g ${at} @${at}`), sample(`g{a=1} ${at} @${at}`))
      await send(rig.sidecar, `g ${at} @${at}`)
      rig.clock.nowMs = at
      await rig.filler.tick()
    }
    assert.deepEqual(stored(rig.sidecar)['g a=1'], ['10000 1'])
    assert.deepEqual(rig.seen, { filled: 0, series: 0, samples: 0, reasons: new Set() })
    assert.ok(rig.prometheus.queries.length <= 2, rig.prometheus.queries.join('\n'))
  })

  it('is not checked if it ended with a stale marker, or while no series continues', async () => {
    const rig = await startRig()
    await send(rig.sidecar, 'g{a=1} 1 @10000', 'g 1 @10000')
    await send(rig.sidecar, 'g{a=1} stale @20000', 'g 2 @20000')
    rig.clock.nowMs = 600_000
    await rig.filler.tick()
    assert.deepEqual(rig.prometheus.queries, [])
  })

  it('is filled later if Prometheus does not answer, and counted if it has lost its database', async () => {
    const rig = await startRig()
    rig.prometheus.failure = () => new PrometheusApiError('no route')
    await send(rig.sidecar, 'g{a=1} 1 @10000', 'g 1 @10000')
    for (let at = 20_000; at <= 200_000; at += 10_000) await send(rig.sidecar, `g 2 @${at}`)
    rig.clock.nowMs = 200_000
    await rig.filler.tick()
    assert.equal(rig.seen.series, 0)
    rig.prometheus.failure = undefined
    rig.clock.nowMs += 5_000
    await rig.filler.tick()
    assert.equal(rig.seen.series, 1)
  })
})

describe('a gap of native histograms', () => {
  const labels = { __name__: 'h', instance: 'h:1', job: 'j' }
  const histogramAt = (timestampMs: number, count: number): NativeHistogram => ({
    timestampMs,
    createdMs: Number.NaN,
    schema: 0,
    count,
    sum: count,
    zeroThreshold: 0,
    zeroCount: 0,
    positive: { indexes: [0], counts: [count] },
    negative: NO_BUCKETS,
    customBounds: [],
    gauge: false,
    reset: false,
    stale: false,
  })

  async function scrape(
    { sidecar, prometheus }: Rig,
    timestampMs: number,
    count: number,
    { lost = false }: { readonly lost?: boolean } = {},
  ): Promise<void> {
    const histogram = histogramAt(timestampMs, count)
    prometheus.addHistogram(new Map(Object.entries(labels)), histogram)
    if (lost) return
    const { bytes, spans } = batchOf([{ labels, timestampMs, value: 0 }])
    const natives = spans.map((span) => ({ ...span, samplesEnd: span.samplesStart, nativeHistograms: [histogram] }))
    const batch = { bytes, spans: natives, timestampsMs: [], values: [] }
    await sidecar.ingester.ingest(batch, { deadlineMs: 30_000 })
  }

  it('is filled with whole histograms from Prometheus’ database', async () => {
    const rig = await startRig()
    await scrape(rig, 10_000, 1)
    await scrape(rig, 20_000, 3, { lost: true })
    await scrape(rig, 30_000, 2, { lost: true })
    await scrape(rig, 40_000, 7)
    assert.deepEqual(
      stored(rig.sidecar).h?.map((point) => point.split(' ')[0]),
      ['10000..20000', '29999..30000', '29999..40000'],
    )
    assert.deepEqual(rig.seen, { filled: 2, series: 0, samples: 0, reasons: new Set() })
  })

  it('is searched for when the series falls silent', async () => {
    const rig = await startRig()
    await scrape(rig, 10_000, 1)
    await send(rig.sidecar, 'g 1 @10000')
    await scrape(rig, 20_000, 3, { lost: true })
    for (let at = 20_000; at <= 200_000; at += 10_000) await send(rig.sidecar, `g 1 @${at}`)
    rig.clock.nowMs = rig.sidecar.clock.nowMs = 200_000
    await rig.filler.tick()
    assert.deepEqual(stored(rig.sidecar).h?.length, 1)
    assert.equal(rig.seen.filled, 1)
  })

  it('is counted if the database has lost it', async () => {
    const rig = await startRig()
    await scrape(rig, 10_000, 1)
    rig.prometheus.failure = () => new PrometheusApiError('unavailable with Prometheus Agent', { status: 422 })
    await scrape(rig, 40_000, 7)
    assert.deepEqual([rig.seen.series, rig.seen.samples], [1, 2])
  })
})
