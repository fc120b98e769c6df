import { protos } from '@google-cloud/monitoring'
import { status } from '@grpc/grpc-js'
import type { ConversionRules } from '../../src/convert/conversion-rules.ts'
import type { DropReason } from '../../src/convert/drop-reason.ts'
import { SampleIngester } from '../../src/ingest/sample-ingester.ts'
import { encodeLabels, type Labels } from '../../src/model/labels/labels.ts'
import type { MetricType } from '../../src/model/metadata.ts'
import type { Exemplar, SampleBatch, SeriesSpan } from '../../src/model/sample.ts'
import type { Target } from '../../src/model/target.ts'
import { openJournal } from '../../src/state/journal.ts'
import { NoJournal } from '../../src/state/no-journal.ts'
import { StateFileError } from '../../src/state/state-file-error.ts'
import { type TargetDirectory, TargetsUnavailableError } from '../../src/targets/target-directory.ts'
import { Writer } from '../../src/write/writer.ts'
import { PLAIN_RULES } from './plain-rules.ts'

const { CreateTimeSeriesRequest } = protos.google.monitoring.v3

export const TARGET: Target = {
  labels: new Map([
    ['job', 'j'],
    ['instance', 'h:1'],
  ]),
  discoveredLabels: new Map([['__scrape_interval__', '10s']]),
}

const UNTIMED_TARGET: Target = { ...TARGET, discoveredLabels: new Map() }

const TYPES: Readonly<Record<string, MetricType>> = { c: 'counter', g: 'gauge', h: 'histogram', s: 'summary' }

/** A directory of one target. */
export class OneTarget implements TargetDirectory {
  generation = 0
  types: Readonly<Record<string, MetricType>> = TYPES
  known = true
  available = true
  refreshes = 0
  /** What the next refresh finds. */
  found = true
  /** The scrape interval that Prometheus reports. */
  intervalText: string | undefined = '10s'
  /** Replaces the usual target. */
  target: Target | undefined = undefined
  typesFound: Readonly<Record<string, MetricType>> | undefined = undefined

  find(labels: Labels): Target | undefined {
    if (!this.known || labels.get('job') !== 'j') return undefined
    if (this.target !== undefined) return this.target
    return this.intervalText === undefined ? UNTIMED_TARGET : TARGET
  }

  typeOf(target: Target | undefined, family: string): MetricType | undefined {
    return target === undefined ? undefined : this.types[family]
  }

  /** Called when a new series appears. */
  onCheckConfig: () => void = () => {}

  async checkConfig(): Promise<void> {
    this.onCheckConfig()
  }

  async refresh(): Promise<void> {
    this.refreshes += 1
    if (!this.available) throw new TargetsUnavailableError('Prometheus is unavailable')
    this.known = this.found
    this.types = this.typesFound ?? this.types
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

/** `scale*growth^finite` for exponential buckets; nothing for explicit ones. */
function bucketsText({ bucketOptions }: protos.google.api.IDistribution): string {
  const exponential = bucketOptions?.exponentialBuckets
  if (exponential == null) return ''
  return `${exponential.scale}*${exponential.growthFactor}^${exponential.numFiniteBuckets} `
}

const order = (time: 'start' | 'end') =>
  `Points must be written in order. One or more of the points specified had an older ${time} time than the most recent point.`

const RATE =
  'One or more points were written more frequently than the maximum sampling period configured for the metric.'

/** Stores points according to the API's rules for their order. */
export class FakeApi {
  /** By series: `start..end value`, in the order in which they were stored. */
  readonly points = new Map<string, string[]>()
  readonly exemplars: string[] = []
  readonly #ends = new Map<string, { start: number; end: number }>()
  /** Decides what happens to a request. `lost`: it is stored, but its response is lost. */
  fate: () => 'ok' | 'down' | 'lost' = () => 'ok'
  requests = 0
  /** Points of a series that are closer together are refused. */
  minPeriodMs = 0

  /** Adds a point from before: `start..end value`. */
  have(key: string, point: string): void {
    const [start = 0, end = 0] = point.split(/\.\.| /).map(Number)
    this.#ends.set(key, { start, end })
    this.points.set(key, [point])
  }

  write(bytes: Buffer): void {
    this.requests += 1
    const fate = this.fate()
    if (fate === 'down') throw new ApiRefusal(status.UNAVAILABLE, 'down')
    const refused = { start: [] as number[], end: [] as number[], rate: [] as number[] }
    for (const [index, series] of CreateTimeSeriesRequest.decode(bytes).timeSeries.entries()) {
      const labels = Object.entries(series.metric?.labels ?? {}).map(([name, value]) => `${name}=${value}`)
      const pod = series.resource?.labels?.pod_name
      const place = pod === undefined ? [] : [`in ${pod}`]
      const key = [series.metric?.type?.split('/').at(-1), ...place, ...labels.sort()].join(' ')
      const point = series.points?.[0]
      const end = time(point?.interval?.endTime)
      const start = point?.interval?.startTime == null ? end : time(point.interval.startTime)
      const last = this.#ends.get(key)
      const gauge = start === end
      if (last !== undefined && !(end > last.end && (gauge || start === last.start || start > last.end))) {
        refused[gauge || start === last.start ? 'end' : 'start'].push(index)
        continue
      }
      if (last !== undefined && end - last.end < this.minPeriodMs) {
        refused.rate.push(index)
        continue
      }
      this.#ends.set(key, { start, end })
      const value = point?.value
      const distribution = value?.distributionValue
      const text =
        distribution == null
          ? String(Number(value?.doubleValue ?? value?.int64Value))
          : `${bucketsText(distribution)}[${distribution.bucketCounts?.map(Number).join(' ')}] mean ${distribution.mean}`
      this.points.set(key, [...(this.points.get(key) ?? []), `${gauge ? '' : `${start}..`}${end} ${text}`])
      for (const exemplar of distribution?.exemplars ?? []) this.exemplars.push(`${exemplar.value}`)
    }
    if (fate === 'lost') throw new ApiRefusal(status.DEADLINE_EXCEEDED, 'the response was lost')
    const reasons = Object.entries({
      [order('start')]: refused.start,
      [order('end')]: refused.end,
      [RATE]: refused.rate,
    })
      .filter(([, indexes]) => indexes.length > 0)
      .map(([reason, indexes]) => `${reason}: timeSeries[${indexes.join(',')}]`)
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
  ...PLAIN_RULES,
}

/** The core under test, and its surroundings. */
export interface Sidecar {
  readonly ingester: SampleIngester
  readonly writer: Writer
  readonly api: FakeApi
  readonly targets: OneTarget
  readonly drops: Map<DropReason, number>
  readonly warned: string[]
  readonly clock: { nowMs: number }
  /** While it is full, commits of the journal fail. */
  readonly disk: { isFull: boolean }
  readonly close: () => Promise<void>
}

/** Starts a core with a fake API, a target and a clock that only tests advance. */
export async function startSidecar(
  options: {
    readonly api?: FakeApi
    readonly stateFile?: string
    readonly rules?: Partial<ConversionRules>
    /** Known from the start, instead of the usual one. */
    readonly target?: Target
    readonly resourceDefaults?: Partial<ConversionRules['resourceDefaults']>
    readonly wholeScrapes?: boolean
    readonly maxSeries?: number
    readonly maxSeriesBytes?: number
    readonly maxWaitingParts?: number
    readonly maxPendingPoints?: number
    /** The time by the system clock. */
    readonly wallNowMs?: () => number
  } = {},
): Promise<Sidecar> {
  const api = options.api ?? new FakeApi()
  const targets = new OneTarget()
  targets.target = options.target
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
    rules: {
      ...RULES,
      resourceDefaults: { ...RULES.resourceDefaults, ...options.resourceDefaults },
      ...options.rules,
    },
    targets,
    writer,
    observer: {
      batchReceived() {},
      pointStored() {},
      pointRefused() {},
      sampleDropped: (reason) => drops.set(reason, (drops.get(reason) ?? 0) + 1),
      seriesDropped: ({ reason, labels }) => warned.push(`${reason} ${labels()}`),
    },
    assembly: { learningPeriodMs: 10_000, maxWaitMs: 60_000, maxWaitingParts: options.maxWaitingParts ?? 10_000 },
    wholeScrapes: options.wholeScrapes ?? false,
    maxSeries: options.maxSeries ?? 1000,
    ...(options.maxSeriesBytes === undefined ? {} : { maxSeriesBytes: options.maxSeriesBytes }),
    maxPendingPoints: options.maxPendingPoints,
    forgetAfterMs: 90_000_000,
    nowMs: () => clock.nowMs,
    ...(options.wallNowMs === undefined ? {} : { wallNowMs: options.wallNowMs }),
    ...(opened === undefined ? {} : { saved: opened.saved }),
  })
  const disk = { isFull: false }
  const journal = (await opened?.start(() => ingester.states())) ?? new NoJournal()
  const commit = journal.commit.bind(journal)
  journal.commit = async () => {
    if (disk.isFull) throw new StateFileError('no space left on device')
    await commit()
  }
  ingester.attach(journal)
  return {
    ingester,
    writer,
    api,
    targets,
    drops,
    warned,
    clock,
    disk,
    async close() {
      ingester.close()
      await writer.close(100)
      await journal.close()
    },
  }
}

export interface Sent {
  readonly labels: Readonly<Record<string, string>>
  readonly timestampMs: number
  readonly value: number
  readonly stale?: boolean
  /** The start that is sent with it in remote_write 2.0. */
  readonly createdMs?: number
  readonly exemplars?: readonly Exemplar[]
}

/** `name{k=v,…} value @time`, with `stale` as a value. */
export function sample(text: string, exemplars: readonly Exemplar[] = []): Sent {
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

/** A batch with a span for each sample. */
export function batchOf(samples: readonly Sent[]): SampleBatch {
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

/** Sends samples in one batch (in the form of {@link sample}), and waits for the outcome. */
export async function send(sidecar: Sidecar, ...texts: string[]): Promise<void> {
  await sidecar.ingester.ingest(batchOf(texts.map((text) => sample(text))), { deadlineMs: 30_000 })
}

/** All points of the fake API, by series. */
export function stored(sidecar: Sidecar): Record<string, string[]> {
  return Object.fromEntries([...sidecar.api.points].sort())
}

/** Lets the learning period of new histograms pass. */
export function passLearning(sidecar: Sidecar): void {
  sidecar.clock.nowMs += 10_000
  sidecar.ingester.tick()
}
