import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { protos } from '@google-cloud/monitoring'
import { status } from '@grpc/grpc-js'
import type { ConversionRules } from '../convert/conversion-rules.ts'
import type { DropReason } from '../convert/drop-reason.ts'
import type { Target } from '../convert/target.ts'
import { RetryLaterError } from '../ingester.ts'
import { encodeLabels, type Labels } from '../labels.ts'
import type { MetricType } from '../metadata.ts'
import type { Exemplar, SampleBatch, SeriesSpan } from '../sample.ts'
import { openJournal } from '../state/journal.ts'
import { type TargetDirectory, TargetsUnavailableError } from '../targets/target-directory.ts'
import { seededRandom } from '../testing/seeded-random.ts'
import { Writer } from '../write/writer.ts'
import { NoJournal } from './no-journal.ts'
import { SampleIngester } from './sample-ingester.ts'

const { CreateTimeSeriesRequest } = protos.google.monitoring.v3

const TARGET: Target = {
  labels: new Map([
    ['job', 'j'],
    ['instance', 'h:1'],
  ]),
  discoveredLabels: new Map(),
}

const TYPES: Readonly<Record<string, MetricType>> = { c: 'counter', g: 'gauge', h: 'histogram', s: 'summary' }

/** Knows one target. */
class OneTarget implements TargetDirectory {
  generation = 0
  known = true
  available = true
  refreshes = 0
  /** What the next refresh finds. */
  found = true

  find(labels: Labels): Target | undefined {
    return this.known && labels.get('job') === 'j' ? TARGET : undefined
  }

  typeOf(target: Target | undefined, family: string): MetricType | undefined {
    return target === undefined ? undefined : TYPES[family]
  }

  async refresh(): Promise<void> {
    this.refreshes += 1
    if (!this.available) throw new TargetsUnavailableError('Prometheus is away')
    this.known = this.found
    this.generation += 1
  }
}

class ApiRefusal extends Error {
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

const order = (time: 'start' | 'end') =>
  `Points must be written in order. One or more of the points specified had an older ${time} time than the most recent point.`

/** Stores points by the API's rules for their order. */
class FakeApi {
  /** By series: `start..end value`, in the order of storing. */
  readonly points = new Map<string, string[]>()
  readonly exemplars: string[] = []
  readonly #ends = new Map<string, { start: number; end: number }>()
  /** Decides what happens to a request; `lost`: it is stored, and the answer is not. */
  fate: () => 'ok' | 'down' | 'lost' = () => 'ok'
  requests = 0

  write(bytes: Buffer): void {
    this.requests += 1
    const fate = this.fate()
    if (fate === 'down') throw new ApiRefusal(status.UNAVAILABLE, 'down')
    const refused = { start: [] as number[], end: [] as number[] }
    for (const [index, series] of CreateTimeSeriesRequest.decode(bytes).timeSeries.entries()) {
      const labels = Object.entries(series.metric?.labels ?? {}).map(([name, value]) => `${name}=${value}`)
      const key = [series.metric?.type?.split('/').at(-1), ...labels.sort()].join(' ')
      const point = series.points?.[0]
      const end = time(point?.interval?.endTime)
      const start = point?.interval?.startTime == null ? end : time(point.interval.startTime)
      const last = this.#ends.get(key)
      const gauge = start === end
      if (last !== undefined && !(end > last.end && (gauge || start === last.start || start > last.end))) {
        refused[gauge || start === last.start ? 'end' : 'start'].push(index)
        continue
      }
      this.#ends.set(key, { start, end })
      const value = point?.value
      const distribution = value?.distributionValue
      const text =
        distribution == null
          ? String(Number(value?.doubleValue ?? value?.int64Value))
          : `[${distribution.bucketCounts?.map(Number).join(' ')}] mean ${distribution.mean}`
      this.points.set(key, [...(this.points.get(key) ?? []), `${gauge ? '' : `${start}..`}${end} ${text}`])
      for (const exemplar of distribution?.exemplars ?? []) this.exemplars.push(`${exemplar.value}`)
    }
    if (fate === 'lost') throw new ApiRefusal(status.DEADLINE_EXCEEDED, 'the answer was lost')
    const reasons = (['start', 'end'] as const)
      .filter((time) => refused[time].length > 0)
      .map((time) => `${order(time)}: timeSeries[${refused[time].join(',')}]`)
    if (reasons.length > 0) {
      throw new ApiRefusal(3, `One or more TimeSeries could not be written: ${reasons.join('; ')}`)
    }
  }
}

function time(timestamp: protos.google.protobuf.ITimestamp | null | undefined): number {
  return Number(timestamp?.seconds ?? 0) * 1000 + (timestamp?.nanos ?? 0) / 1e6
}

const RULES: ConversionRules = {
  metricsPrefix: 'x.test/p',
  resourceDefaults: {
    projectId: 'p',
    kubernetesLocation: '',
    kubernetesClusterName: '',
    genericLocation: 'l',
    genericNamespace: 'n',
  },
  useGkeResource: false,
  targetlessResource: undefined,
  include: [],
  metricRenames: new Map(),
  staticMetadata: new Map(),
  externalLabels: new Map(),
  minSamplingPeriodMs: 0,
}

interface Sidecar {
  readonly ingester: SampleIngester
  readonly writer: Writer
  readonly api: FakeApi
  readonly targets: OneTarget
  readonly drops: Map<DropReason, number>
  readonly warned: string[]
  readonly clock: { nowMs: number }
  readonly close: () => Promise<void>
}

async function startSidecar(
  options: {
    readonly api?: FakeApi
    readonly stateFile?: string
    readonly rules?: Partial<ConversionRules>
    readonly wholeScrapes?: boolean
    readonly maxSeries?: number
    readonly maxWaitingParts?: number
    readonly maxPendingPoints?: number
  } = {},
): Promise<Sidecar> {
  const api = options.api ?? new FakeApi()
  const targets = new OneTarget()
  const drops = new Map<DropReason, number>()
  const warned: string[] = []
  const clock = { nowMs: 1_000_000 }
  const writer = new Writer({
    projectName: 'projects/p',
    backoff: { baseMs: 1, maxMs: 4 },
    createTimeSeries: async (bytes) => api.write(bytes),
    observer: { requestEnded() {}, retrying() {} },
  })
  const opened =
    options.stateFile === undefined
      ? undefined
      : await openJournal(options.stateFile, { log: { warn() {} }, nowMs: clock.nowMs })
  const ingester = new SampleIngester({
    rules: { ...RULES, ...options.rules },
    targets,
    writer,
    observer: {
      batchTaken() {},
      pointStored() {},
      pointRefused() {},
      sampleDropped: (reason) => drops.set(reason, (drops.get(reason) ?? 0) + 1),
      seriesDropped: ({ reason, labels }) => warned.push(`${reason} ${labels()}`),
    },
    assembly: { learnForMs: 10_000, waitAtMostMs: 60_000, maxWaitingParts: options.maxWaitingParts ?? 10_000 },
    wholeScrapes: options.wholeScrapes ?? false,
    maxSeries: options.maxSeries ?? 1000,
    maxPendingPoints: options.maxPendingPoints,
    forgetAfterMs: 90_000_000,
    nowMs: () => clock.nowMs,
    ...(opened === undefined ? {} : { saved: opened.saved }),
  })
  const journal = (await opened?.start(() => ingester.states())) ?? new NoJournal()
  ingester.attach(journal)
  return {
    ingester,
    writer,
    api,
    targets,
    drops,
    warned,
    clock,
    async close() {
      ingester.close()
      await writer.close(100)
      await journal.close()
    },
  }
}

interface Sent {
  readonly labels: Readonly<Record<string, string>>
  readonly timestampMs: number
  readonly value: number
  readonly stale?: boolean
  readonly exemplars?: readonly Exemplar[]
}

/** `name{k=v,…} value @time`, with `stale` as a value. */
function sample(text: string, exemplars: readonly Exemplar[] = []): Sent {
  const [, name = '', pairs = '', value = '', timestampMs = ''] =
    /^([a-z_]+)(?:\{(.*)\})? (\S+) @(\d+)$/.exec(text) ?? []
  const labels = Object.fromEntries(
    pairs
      .split(',')
      .filter(Boolean)
      .map((pair) => pair.split('=')),
  )
  return {
    labels: { __name__: name, job: 'j', instance: 'h:1', ...labels },
    timestampMs: Number(timestampMs),
    value: value === 'stale' ? Number.NaN : Number(value),
    stale: value === 'stale',
    exemplars,
  }
}

function batchOf(samples: readonly Sent[]): SampleBatch {
  const chunks: Buffer[] = []
  let length = 0
  const spans: SeriesSpan[] = []
  for (const [index, { labels, stale = false, exemplars = [] }] of samples.entries()) {
    const bytes = encodeLabels(new Map(Object.entries(labels)))
    spans.push({
      labelsStart: length,
      labelsEnd: length + bytes.length,
      samplesStart: index,
      samplesEnd: index + 1,
      stale,
      exemplars,
    })
    chunks.push(bytes)
    length += bytes.length
  }
  return {
    bytes: Buffer.concat(chunks),
    spans,
    timestampsMs: samples.map(({ timestampMs }) => timestampMs),
    values: samples.map(({ value }) => value),
  }
}

async function send(sidecar: Sidecar, ...texts: string[]): Promise<void> {
  await sidecar.ingester.ingest(batchOf(texts.map((text) => sample(text))), { deadlineMs: 30_000 })
}

function stored(sidecar: Sidecar): Record<string, string[]> {
  return Object.fromEntries([...sidecar.api.points].sort())
}

describe('gauges and counters', () => {
  it('stores a gauge at once, a counter from its second sample', async () => {
    const sidecar = await startSidecar()
    await send(sidecar, 'g{room=a} 21.5 @1000', 'c_total 5 @1000')
    await send(sidecar, 'g{room=a} 22 @2000', 'c_total 8 @2000')
    assert.deepEqual(stored(sidecar), { c: ['1000..2000 3'], 'g room=a': ['1000 21.5', '2000 22'] })
    assert.deepEqual([...sidecar.drops], [['first_sample', 1]])
    assert.deepEqual(sidecar.warned, ['first_sample c_total{instance="h:1", job="j"}'])
  })

  it('takes many samples of one series in one batch, in order', async () => {
    const sidecar = await startSidecar()
    await send(sidecar, 'c_total 1 @1000', 'c_total 2 @2000', 'c_total 4 @3000', 'c_total 1 @4000')
    assert.deepEqual(stored(sidecar), { c: ['1000..2000 1', '1000..3000 3', '3999..4000 1'] })
  })

  it('writes counts of a summary as whole numbers, its quantiles as gauges', async () => {
    const sidecar = await startSidecar()
    await send(sidecar, 's_count 1 @1000', 's_sum 0.5 @1000', 's{quantile=0.5} 0.5 @1000')
    await send(sidecar, 's_count 3.9 @2000', 's_sum 2 @2000', 's{quantile=0.5} NaN @2000')
    assert.deepEqual(stored(sidecar), {
      's quantile=0.5': ['1000 0.5'],
      s_count: ['1000..2000 2'],
      s_sum: ['1000..2000 1.5'],
    })
    assert.equal(sidecar.drops.get('nan'), 1)
  })

  it('does not count stale markers as lost, and goes on after one', async () => {
    const sidecar = await startSidecar()
    await send(
      sidecar,
      'c_total 5 @1000',
      'c_total 8 @2000',
      'c_total stale @3000',
      'c_total 9 @9000',
      'c_total 2 @10000',
    )
    assert.deepEqual(stored(sidecar), { c: ['1000..2000 3', '1000..9000 4', '9999..10000 2'] })
    assert.equal(sidecar.drops.get('nan'), undefined)
  })

  it('drops points that are too close', async () => {
    const sidecar = await startSidecar({ rules: { minSamplingPeriodMs: 5000 } })
    await send(
      sidecar,
      'g 1 @10000',
      'g 2 @14999',
      'g 3 @15000',
      'c_total 1 @10000',
      'c_total 2 @15000',
      'c_total 4 @16000',
      'c_total 8 @20000',
    )
    assert.deepEqual(stored(sidecar), { c: ['10000..15000 1', '10000..20000 7'], g: ['10000 1', '15000 3'] })
    assert.equal(sidecar.drops.get('too_frequent'), 2)
  })

  it('keeps two series that become one in order, and counts what is lost', async () => {
    const rules = {
      metricRenames: new Map([['g', 'c']]),
      staticMetadata: new Map([['c', { type: 'gauge', valueType: 'DOUBLE' } as const]]),
    }
    const sidecar = await startSidecar({ rules })
    await send(sidecar, 'g 1 @1000', 'c 2 @1000', 'g 3 @2000')
    assert.deepEqual(stored(sidecar), { c: ['1000 1', '2000 3'] })
    assert.equal(sidecar.drops.get('out_of_order'), 1)
  })

  it('drops impossible times and labels without a name', async () => {
    const sidecar = await startSidecar()
    const impossible = { ...sample('g 1 @1'), timestampMs: -5 }
    const nameless = { ...sample('g 1 @1'), labels: { job: 'j' } }
    await sidecar.ingester.ingest(batchOf([impossible, nameless]), { deadlineMs: 1000 })
    assert.deepEqual([...sidecar.drops.keys()].sort(), ['labels_invalid', 'timestamp_invalid'])
  })

  it('knows a bounded number of series', async () => {
    const sidecar = await startSidecar({ maxSeries: 2 })
    await send(sidecar, 'g{a=1} 1 @1000', 'g{a=2} 1 @1000', 'g{a=3} 1 @1000')
    assert.equal(sidecar.drops.get('too_many_series'), 1)
    assert.equal(sidecar.ingester.seriesCount, 2)
  })
})

describe('start times', () => {
  it('counts from _created, wherever in the request it stands', async () => {
    const sidecar = await startSidecar()
    await send(
      sidecar,
      'c_total{a=1} 5 @9000',
      'c_created{a=1} 2.5 @9000',
      'c_created{a=2} 3 @9000',
      'c_total{a=2} 1 @9000',
    )
    assert.deepEqual(stored(sidecar), { 'c a=1': ['2500..9000 5'], 'c a=2': ['3000..9000 1'] })
    assert.equal(sidecar.drops.size, 0)
  })

  it('makes a baseline a point where _created comes in a later request', async () => {
    const sidecar = await startSidecar()
    await send(sidecar, 'c_total 5 @9000')
    await send(sidecar, 'c_created 2.5 @9000')
    await send(sidecar, 'c_total 7 @19000')
    assert.deepEqual(stored(sidecar), { c: ['2500..9000 5', '2500..19000 7'] })
  })

  it('remembers _created that comes before its series', async () => {
    const sidecar = await startSidecar()
    await send(sidecar, 'c_created 2.5 @9000')
    await send(sidecar, 'c_total 5 @9000')
    assert.deepEqual(stored(sidecar), { c: ['2500..9000 5'] })
  })

  it('resets where _created moves on, though the value did not fall', async () => {
    const sidecar = await startSidecar()
    await send(sidecar, 'c_created 2.5 @9000', 'c_total 5 @9000')
    await send(sidecar, 'c_created 12 @19000', 'c_total 6 @19000')
    assert.deepEqual(stored(sidecar), { c: ['2500..9000 5', '12000..19000 6'] })
  })

  it('resets with the sample that _created moves on with, though it comes before the one in between', async () => {
    const sidecar = await startSidecar()
    await send(sidecar, 'c_created 2.5 @9000', 'c_total 5 @9000')
    await send(sidecar, 'c_created 25 @29000')
    await send(sidecar, 'c_total 8 @19000')
    await send(sidecar, 'c_total 9 @29000')
    assert.deepEqual(stored(sidecar), { c: ['2500..9000 5', '2500..19000 8', '25000..29000 9'] })
  })

  it('resets once where the target’s clock is ahead, so that _created is later than the scrape', async () => {
    const sidecar = await startSidecar()
    await send(sidecar, 'c_created 2.5 @9000', 'c_total 5 @9000')
    await send(sidecar, 'c_created 19.5 @19000', 'c_total 1 @19000')
    await send(sidecar, 'c_created 19.5 @29000', 'c_total 4 @29000')
    assert.deepEqual(stored(sidecar), { c: ['2500..9000 5', '18999..19000 1', '18999..29000 4'] })
  })
})

describe('targets', () => {
  it('asks once for what is unknown, then drops and counts', async () => {
    const sidecar = await startSidecar()
    await send(sidecar, 'g{job=other} 1 @1000', 'unheard 1 @1000')
    await send(sidecar, 'g{job=other} 1 @2000', 'unheard 1 @2000')
    assert.deepEqual(stored(sidecar), {})
    assert.deepEqual(Object.fromEntries(sidecar.drops), { target_not_found: 2, metadata_not_found: 2 })
    assert.equal(sidecar.warned.length, 2)
    assert.equal(sidecar.targets.refreshes, 1)
  })

  it('finds a target that appears', async () => {
    const sidecar = await startSidecar()
    sidecar.targets.known = false
    await send(sidecar, 'g 1 @1000')
    assert.deepEqual(stored(sidecar), { g: ['1000 1'] })
  })

  it('plans dropped series anew when the directory knows more', async () => {
    const sidecar = await startSidecar()
    sidecar.targets.known = sidecar.targets.found = false
    await send(sidecar, 'g 1 @1000')
    sidecar.targets.known = true
    sidecar.targets.generation += 1
    await send(sidecar, 'g 2 @2000')
    assert.deepEqual(stored(sidecar), { g: ['2000 2'] })
  })

  it('has samples sent again while nobody says what targets there are', async () => {
    const sidecar = await startSidecar()
    sidecar.targets.known = sidecar.targets.available = false
    await assert.rejects(
      send(sidecar, 'g 1 @1000'),
      (error) => error instanceof RetryLaterError && error.code === 'targets',
    )
    sidecar.targets.available = true
    await send(sidecar, 'g 1 @1000')
    assert.deepEqual(stored(sidecar), { g: ['1000 1'] })
  })
})

describe('histograms', () => {
  const parts = (at: number, ...values: number[]) => {
    const [low = 0, high = 0, all = 0, sum = 0] = values
    return [
      `h_bucket{le=1} ${low} @${at}`,
      `h_bucket{le=2} ${high} @${at}`,
      `h_bucket{le=+Inf} ${all} @${at}`,
      `h_count ${all} @${at}`,
      `h_sum ${sum} @${at}`,
    ]
  }

  /** Sends a first time, and waits until the members are known. */
  async function learn(sidecar: Sidecar): Promise<void> {
    await send(sidecar, ...parts(1000, 1, 2, 3, 4))
    sidecar.clock.nowMs += 10_000
    sidecar.ingester.tick()
  }

  it('becomes one distribution, its first sample the baseline', async () => {
    const sidecar = await startSidecar()
    await learn(sidecar)
    await send(sidecar, ...parts(2000, 2, 4, 7, 12))
    assert.deepEqual(stored(sidecar), { h: ['1000..2000 [1 1 2] mean 2'] })
  })

  it('waits for members in other requests while it learns, and afterwards', async () => {
    const sidecar = await startSidecar()
    const first = parts(1000, 1, 2, 3, 4)
    const second = parts(2000, 2, 4, 7, 12)
    for (const text of first.slice(0, 3)) await send(sidecar, text)
    for (const text of second.slice(0, 3)) await send(sidecar, text)
    for (const text of first.slice(3)) await send(sidecar, text)
    sidecar.clock.nowMs += 10_000
    sidecar.ingester.tick()
    assert.deepEqual(stored(sidecar), {})
    for (const text of second.slice(3)) await send(sidecar, text)
    assert.deepEqual(stored(sidecar), { h: ['1000..2000 [1 1 2] mean 2'] })
  })

  it('learns its members for as long as another shard is behind, though each of its requests is answered soon', async () => {
    const sidecar = await startSidecar()
    const [first, second] = [parts(100_000, 1, 2, 3, 4), parts(110_000, 2, 4, 7, 12)]
    await send(sidecar, ...first.slice(0, 4))
    await send(sidecar, ...second.slice(0, 4))
    for (const at of [70_000, 80_000, 90_000]) {
      sidecar.clock.nowMs += 9_000
      await send(sidecar, `g 1 @${at}`)
      sidecar.ingester.tick()
    }
    sidecar.clock.nowMs += 9_000
    await send(sidecar, ...first.slice(4))
    await send(sidecar, ...second.slice(4))
    sidecar.clock.nowMs += 10_000
    sidecar.ingester.tick()
    await sidecar.writer.close(5000)
    assert.deepEqual(stored(sidecar).h, ['100000..110000 [1 1 2] mean 2'])
    assert.equal(sidecar.drops.get('histogram_incomplete'), undefined)
  })

  it('learns its members for as long as a request of another shard waits for its answer', async () => {
    const sidecar = await startSidecar()
    let down = true
    sidecar.api.fate = () => (down ? 'down' : 'ok')
    const [first, second] = [parts(1000, 1, 2, 3, 4), parts(2000, 2, 4, 7, 12)]
    await send(sidecar, ...first.slice(0, 4))
    await send(sidecar, ...second.slice(0, 4))
    for (let round = 0; round < 4; round++) {
      const held = sidecar.ingester.ingest(batchOf([sample('g 1 @2500')]), { deadlineMs: 20 })
      await assert.rejects(held, { code: 'deadline' })
      sidecar.clock.nowMs += 9_000
      sidecar.ingester.tick()
    }
    down = false
    await send(sidecar, ...first.slice(4))
    await send(sidecar, ...second.slice(4))
    sidecar.clock.nowMs += 10_000
    sidecar.ingester.tick()
    await sidecar.writer.close(5000)
    assert.deepEqual(stored(sidecar).h, ['1000..2000 [1 1 2] mean 2'])
  })

  it('comes whole with each scrape in scrape mode', async () => {
    const sidecar = await startSidecar({ wholeScrapes: true })
    await send(sidecar, ...parts(1000, 1, 2, 3, 4))
    await send(sidecar, ...parts(2000, 2, 4, 7, 12))
    assert.deepEqual(stored(sidecar), { h: ['1000..2000 [1 1 2] mean 2'] })
  })

  it('resets as a whole', async () => {
    const sidecar = await startSidecar({ wholeScrapes: true })
    await send(sidecar, ...parts(1000, 1, 2, 3, 4), ...parts(2000, 2, 4, 7, 12))
    await send(sidecar, ...parts(3000, 5, 5, 5, 1))
    assert.deepEqual(stored(sidecar), { h: ['1000..2000 [1 1 2] mean 2', '2999..3000 [5 0 0] mean 0.2'] })
  })

  it('counts from _created', async () => {
    const sidecar = await startSidecar({ wholeScrapes: true })
    await send(sidecar, 'h_created 0.5 @1000', ...parts(1000, 1, 2, 3, 4))
    await send(sidecar, 'h_created 0.5 @2000', ...parts(2000, 2, 4, 7, 12))
    assert.deepEqual(stored(sidecar), {
      h: ['500..1000 [1 1 1] mean 1.3333333333333333', '500..2000 [2 2 3] mean 1.7142857142857142'],
    })
  })

  it('begins a new interval with a bucket that was not there before', async () => {
    const sidecar = await startSidecar({ wholeScrapes: true })
    await send(sidecar, ...parts(1000, 1, 2, 3, 4), ...parts(2000, 2, 4, 7, 12))
    await send(sidecar, ...parts(3000, 2, 4, 8, 20), 'h_bucket{le=5} 6 @3000')
    await send(sidecar, ...parts(4000, 2, 4, 9, 23), 'h_bucket{le=5} 7 @4000')
    assert.deepEqual(stored(sidecar), { h: ['1000..2000 [1 1 2] mean 2', '3000..4000 [0 0 1 0] mean 3'] })
  })

  it('gives up on a member that does not come, after a bounded wait', async () => {
    const sidecar = await startSidecar()
    await learn(sidecar)
    await send(sidecar, ...parts(2000, 2, 4, 7, 12).slice(1))
    assert.deepEqual(stored(sidecar), {})
    assert.equal(sidecar.ingester.waitingParts, 4)
    sidecar.clock.nowMs += 60_000
    sidecar.ingester.tick()
    await sidecar.writer.close(5000)
    assert.deepEqual(stored(sidecar), { h: ['1000..2000 [2 2] mean 2'] })
    assert.equal(sidecar.ingester.waitingParts, 0)
  })

  it('counts a histogram without its count as incomplete', async () => {
    const sidecar = await startSidecar({ wholeScrapes: true })
    await send(sidecar, 'h_bucket{le=1} 1 @1000', 'h_sum 1 @1000')
    assert.equal(sidecar.drops.get('histogram_incomplete'), 1)
  })

  it('carries exemplars to its next point, once', async () => {
    const sidecar = await startSidecar({ wholeScrapes: true })
    const exemplars = [{ labels: new Map([['trace_id', 'a'.repeat(32)]]), value: 0.7, timestampMs: 1900 }]
    await send(sidecar, ...parts(1000, 1, 2, 3, 4))
    const texts = parts(2000, 2, 4, 7, 12).map((text) => sample(text, text.includes('le=1') ? exemplars : []))
    await sidecar.ingester.ingest(batchOf(texts), { deadlineMs: 30_000 })
    await send(sidecar, ...parts(3000, 2, 4, 7, 12))
    assert.deepEqual(sidecar.api.exemplars, ['0.7'])
  })

  it('has parts sent again where too many wait', async () => {
    const sidecar = await startSidecar({ maxWaitingParts: 3 })
    await assert.rejects(
      send(sidecar, 'h_sum{a=1} 1 @1000', 'h_sum{a=2} 1 @1000', 'h_sum{a=3} 1 @1000', 'h_sum{a=4} 1 @1000'),
      (error) => error instanceof RetryLaterError && error.code === 'full',
    )
  })
})

describe('what is sent again', () => {
  it('waits for the point that is on its way, and makes no second one', async () => {
    const sidecar = await startSidecar()
    let down = true
    sidecar.api.fate = () => (down ? 'down' : 'ok')
    const texts = ['g 1 @1000', 'c_total 1 @1000', 'c_total 2 @2000']
    await assert.rejects(
      sidecar.ingester.ingest(batchOf(texts.map((text) => sample(text))), { deadlineMs: 30 }),
      (error) => error instanceof RetryLaterError && error.code === 'deadline',
    )
    const again = send(sidecar, ...texts)
    down = false
    await again
    await send(sidecar, ...texts)
    assert.deepEqual(stored(sidecar), { c: ['1000..2000 1'], g: ['1000 1'] })
  })

  it('is refused while too much is on its way, and while it closes', async () => {
    const sidecar = await startSidecar({ maxPendingPoints: 1 })
    sidecar.api.fate = () => 'down'
    const first = sidecar.ingester.ingest(batchOf([sample('g 1 @1000')]), { deadlineMs: 200 })
    await new Promise(setImmediate)
    await assert.rejects(
      send(sidecar, 'g{a=b} 1 @1000'),
      (error) => error instanceof RetryLaterError && error.code === 'full',
    )
    await assert.rejects(first)
    sidecar.ingester.close()
    await assert.rejects(
      send(sidecar, 'g 1 @1000'),
      (error) => error instanceof RetryLaterError && error.code === 'closing',
    )
    await sidecar.writer.close(0)
  })
})

describe('restarts', () => {
  let folder = ''
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sidecar-ingester-'))
  })
  after(() => rm(folder, { recursive: true }))

  it('go on from the saved baselines', async () => {
    const stateFile = join(folder, 'baselines')
    const first = await startSidecar({ stateFile })
    await send(first, 'c_total 5 @1000', 'c_total 8 @2000')
    await first.close()
    const second = await startSidecar({ stateFile, api: first.api })
    await send(second, 'c_total 8 @2000', 'c_total 9 @3000', 'c_total 1 @4000')
    assert.deepEqual(stored(second), { c: ['1000..2000 3', '1000..3000 4', '3999..4000 1'] })
    assert.equal(second.drops.size, 0)
    await second.close()
  })

  it('keep histogram parts that were answered', async () => {
    const stateFile = join(folder, 'parts')
    const first = await startSidecar({ stateFile })
    await send(first, 'h_bucket{le=1} 1 @1000', 'h_bucket{le=+Inf} 2 @1000', 'h_count 2 @1000', 'h_sum 2 @1000')
    first.clock.nowMs += 10_000
    first.ingester.tick()
    await send(first, 'h_bucket{le=1} 2 @2000', 'h_bucket{le=+Inf} 5 @2000')
    await first.close()
    const second = await startSidecar({ stateFile, api: first.api })
    assert.equal(second.ingester.waitingParts, 2)
    await send(second, 'h_count 5 @2000', 'h_sum 8 @2000')
    assert.deepEqual(stored(second), { h: ['1000..2000 [1 2] mean 2'] })
    await second.close()
  })

  it('take a point for stored whose answer was lost with the process', async () => {
    const stateFile = join(folder, 'lost')
    const first = await startSidecar({ stateFile })
    await send(first, 'g 1 @1000', 'c_total 5 @1000')
    first.api.fate = () => 'lost'
    const unanswered = first.ingester.ingest(batchOf([sample('g 2 @2000'), sample('c_total 8 @2000')]), {
      deadlineMs: 50,
    })
    await assert.rejects(unanswered)
    await first.close()
    first.api.fate = () => 'ok'
    const second = await startSidecar({ stateFile, api: first.api })
    await send(second, 'g 2 @2000', 'c_total 8 @2000')
    await send(second, 'g 3 @3000', 'c_total 9 @3000')
    assert.deepEqual(stored(second), { c: ['1000..2000 3', '1000..3000 4'], g: ['1000 1', '2000 2', '3000 3'] })
    assert.equal(second.drops.get('refused'), undefined)
    await second.close()
  })

  it('go on where the lost answer was for an interval that now begins elsewhere', async () => {
    const stateFile = join(folder, 'doubt')
    const first = await startSidecar({ stateFile })
    await send(first, 'c_total 5 @1000', 'c_total 8 @2000')
    first.api.fate = () => 'lost'
    await assert.rejects(first.ingester.ingest(batchOf([sample('c_total 1 @3000')]), { deadlineMs: 50 }))
    await first.close()
    first.api.fate = () => 'ok'
    const second = await startSidecar({ stateFile, api: first.api })
    await send(second, 'c_created 2.5 @3000')
    await send(second, 'c_total 1 @3000', 'c_total 4 @4000')
    await send(second, 'c_total 9 @5000')
    assert.deepEqual(stored(second), { c: ['1000..2000 3', '2999..3000 1', '2999..4000 4', '2999..5000 9'] })
    assert.equal(second.drops.get('refused'), undefined)
    await second.close()
  })

  it('write in a new interval what is refused for a start that nobody remembers', async () => {
    const api = new FakeApi()
    const first = await startSidecar({ api })
    await send(first, 'c_created 0.5 @1000', 'c_total 5 @1000', 'c_total 8 @2000')
    await send(first, 'h_created 0.5 @1000', 'h_bucket{le=1} 1 @1000', 'h_count 2 @1000', 'h_sum 2 @1000')
    passLearning(first)
    await first.writer.close(1000)
    const second = await startSidecar({ api })
    await send(second, 'c_created 0.7 @3000', 'c_total 9 @3000', 'c_total 12 @4000', 'c_total 13 @5000')
    await second.close()
    assert.deepEqual(stored(second).c, ['500..1000 5', '500..2000 8', '2999..3000 9', '2999..4000 12', '2999..5000 13'])
    assert.equal(second.drops.get('refused'), undefined)
  })
})

describe('series that are gone', () => {
  const FORGET_AFTER_MS = 90_000_000

  it('are forgotten after their time, with their state; a new one takes their place', async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'sidecar-ingester-'))
    context.after(() => rm(folder, { recursive: true }))
    const sidecar = await startSidecar({ stateFile: join(folder, 'state'), maxSeries: 2 })
    await send(sidecar, 'c_total 5 @1000', 'g 1 @1000')
    sidecar.clock.nowMs += FORGET_AFTER_MS
    await send(sidecar, 'g 2 @2000')
    sidecar.ingester.sweep()
    assert.equal(sidecar.ingester.seriesCount, 2, 'not yet')
    sidecar.clock.nowMs += 1
    sidecar.ingester.sweep()
    assert.deepEqual(
      [...sidecar.ingester.states()].map(({ lastMs }) => lastMs),
      [2000],
    )
    await send(sidecar, 'c_total 7 @3000', 'c_total 8 @4000')
    assert.deepEqual(stored(sidecar).c, ['3000..4000 1'])
    assert.equal(sidecar.drops.get('too_many_series'), undefined)
    await sidecar.close()
  })

  it('are kept while a point of them is on its way', async () => {
    const sidecar = await startSidecar()
    sidecar.api.fate = () => 'down'
    await assert.rejects(sidecar.ingester.ingest(batchOf([sample('g 1 @1000')]), { deadlineMs: 20 }))
    sidecar.clock.nowMs += FORGET_AFTER_MS + 1
    sidecar.ingester.sweep()
    assert.equal(sidecar.ingester.seriesCount, 1)
    await sidecar.writer.close(0)
  })
})

it('stores the same points however samples are sharded, sent again and cut off', async () => {
  const random = seededRandom(Date.now() % 2 ** 32)
  for (let round = 0; round < 15; round++) {
    const series = randomSeries(random)
    const expected = await startSidecar()
    const times = [...new Set(series.flat().map(({ timestampMs }) => timestampMs))].sort((a, b) => a - b)
    for (const [index, at] of times.entries()) {
      await expected.ingester.ingest(batchOf(series.flat().filter(({ timestampMs }) => timestampMs === at)), {
        deadlineMs: 30_000,
      })
      if (index === 0) passLearning(expected)
    }
    await expected.writer.close(10_000)

    const sharded = await startSidecar()
    sharded.api.fate = () => (random.next() < 0.2 ? random.pick(['down', 'lost'] as const) : 'ok')
    const shards = Array.from({ length: 1 + random.below(16) }, (): Sent[] => [])
    for (const samples of series) random.pick(shards).push(...samples)
    const sending = shards.map(async (samples) => {
      const queue = [...samples].sort((a, b) => a.timestampMs - b.timestampMs)
      while (queue.length > 0) {
        const batch = batchOf(queue.splice(0, 1 + random.below(20)))
        for (let times = 1 + random.below(2); times > 0; times--) {
          while (
            !(await sharded.ingester.ingest(batch, { deadlineMs: random.next() < 0.2 ? 1 : 30_000 }).then(
              () => true,
              () => false,
            ))
          );
        }
      }
    })
    await Promise.all(sending)
    passLearning(sharded)
    await sharded.writer.close(10_000)
    assert.deepEqual(stored(sharded), stored(expected), `seed ${random.seed}, round ${round}`)
  }
})

function passLearning(sidecar: Sidecar): void {
  sidecar.clock.nowMs += 10_000
  sidecar.ingester.tick()
}

/** Gauges, counters that reset, and histograms, with samples at the same times. */
function randomSeries(random: ReturnType<typeof seededRandom>): Sent[][] {
  const series: Sent[][] = []
  const times = Array.from({ length: 3 + random.below(6) }, (_, index) => 1000 * (index + 1))
  const add = (name: string, value: (index: number) => number) =>
    series.push(times.map((at, index) => sample(`${name} ${value(index)} @${at}`)))
  for (let index = 0; index < 3; index++) add(`g{n=${index}}`, () => random.next() * 10)
  for (let index = 0; index < 3; index++) {
    let total = random.below(100)
    add(`c_total{n=${index}}`, () => {
      total = random.next() < 0.2 ? random.below(5) : total + random.below(10)
      return total
    })
  }
  for (let index = 0; index < 3; index++) {
    const observed: number[][] = []
    let counts = [0, 0, 0]
    for (const _ of times) {
      counts = random.next() < 0.15 ? [0, 0, 0] : counts.map((count) => count + random.below(4))
      observed.push([...counts])
    }
    const upTo = (at: number, bucket: number) =>
      (observed[at] ?? []).slice(0, bucket + 1).reduce((sum, count) => sum + count, 0)
    for (const [bucket, le] of ['1', '2', '+Inf'].entries())
      add(`h_bucket{n=${index},le=${le}}`, (at) => upTo(at, bucket))
    add(`h_count{n=${index}}`, (at) => upTo(at, 2))
    add(`h_sum{n=${index}}`, (at) => upTo(at, 2) * 1.5)
  }
  return series
}
