import { readdirSync, readFileSync } from 'node:fs'
import { protos } from '@google-cloud/monitoring'
import { parseScrapeConfig } from '../../src/config/scrape-config.ts'
import { SampleIngester } from '../../src/ingest/sample-ingester.ts'
import { decodeVersion2 } from '../../src/remote-write/version-2.ts'
import { formatOf, parseExposition } from '../../src/scrape/exposition-parser.ts'
import { scrapeTargets } from '../../src/scrape/scrape-target.ts'
import { ScrapedSeries } from '../../src/scrape/scraped-series.ts'
import { ScrapedTargets } from '../../src/scrape/scraped-targets.ts'
import { Writer } from '../../src/write/writer.ts'
import { PLAIN_RULES } from './plain-rules.ts'
import { messagesOf, numbersOf, parseTextProto, type TextMessage, textOf } from './text-proto.ts'
import { encodeVersion2, type PlainSeries2 } from './version-2-encoder.ts'

const { CreateTimeSeriesRequest } = protos.google.monitoring.v3
const FOLDER = new URL('../../testdata/golden-gmp/', import.meta.url)
const FIRST_MS = Date.parse('2026-01-01T00:00:30Z')
const INTERVAL_MS = 30_000
const TARGET = 'target.example:9100'

interface GoldenCase {
  readonly contentType: string
  readonly job: string
  readonly targetLabels: Readonly<Record<string, string>>
  readonly resourceAttributes: Readonly<Record<string, string>>
  readonly leaveOutMetricsMatching?: string
}

export const GOLDEN_CASES: readonly string[] = readdirSync(FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort()

/** What Google's exporter wrote in a case, one line per point. */
export function expectedPoints(name: string): string[] {
  const lines = readFileSync(new URL(`${name}/expected.jsonl`, FOLDER), 'utf8')
    .trim()
    .split('\n')
  return lines.filter(Boolean).map((line) => describe(JSON.parse(line) as PlainSeries))
}

interface Difference {
  /** Why Google's output is wrong, or not for the sidecar to write. */
  readonly why: string
  readonly theirs: readonly string[]
  readonly ours: readonly string[]
}

/** Where the sidecar differs from what Google's exporter wrote, by case. */
export function differences(): Readonly<Record<string, Difference>> {
  return JSON.parse(readFileSync(new URL('differences.json', FOLDER), 'utf8')) as Record<string, Difference>
}

/** What the sidecar writes in format gmp for the scrapes of a case. */
export async function writtenPoints(name: string): Promise<string[]> {
  const golden = JSON.parse(readFileSync(new URL(`${name}/case.json`, FOLDER), 'utf8')) as GoldenCase
  const points: string[] = []
  const leftOut = new RegExp(golden.leaveOutMetricsMatching ?? '^$')
  const sink = (bytes: Buffer) => {
    for (const series of plainSeries(bytes)) {
      if (!leftOut.test(series.metric.type.replace('prometheus.googleapis.com/', ''))) points.push(describe(series))
    }
  }
  const run = new GoldenRun(golden, sink)
  const scrapes = readdirSync(new URL(`${name}/`, FOLDER))
    .filter((file) => file.startsWith('scrape-'))
    .sort()
  for (const [index, file] of scrapes.entries()) {
    const timeMs = FIRST_MS + index * INTERVAL_MS
    await run.scrape(readFileSync(new URL(`${name}/${file}`, FOLDER), 'utf8'), timeMs)
  }
  return points
}

/** The core of the sidecar with one target, as Prometheus scrapes it. */
class GoldenRun {
  readonly #golden: GoldenCase
  readonly #series: ScrapedSeries
  readonly #directory: ScrapedTargets
  readonly #target: ReturnType<typeof scrapeTargets>[number]
  readonly #ingester: SampleIngester

  constructor(golden: GoldenCase, sink: (request: Buffer) => void) {
    this.#golden = golden
    const config = {
      scrape_configs: [{ job_name: golden.job, static_configs: [{ targets: [TARGET], labels: golden.targetLabels }] }],
    }
    const [target] = scrapeTargets(parseScrapeConfig(JSON.stringify(config), 'golden'))
    if (target === undefined) throw new TypeError('there is a target')
    this.#target = target
    this.#directory = new ScrapedTargets([target])
    this.#series = new ScrapedSeries(target, {
      seriesAdded: (labels) => this.#directory.noteOrigin(labels, target),
      seriesDropped() {},
      sampleDropped() {},
      exemplarDropped() {},
    })
    const { resourceAttributes: attributes } = golden
    this.#ingester = new SampleIngester({
      rules: {
        ...PLAIN_RULES,
        format: 'gmp',
        metricsPrefix: 'prometheus.googleapis.com',
        resourceDefaults: {
          projectId: 'p',
          kubernetesLocation: attributes['cloud.availability_zone'] ?? '',
          kubernetesClusterName: attributes['k8s.cluster.name'] ?? '',
          genericLocation: '',
          genericNamespace: attributes['k8s.namespace.name'] ?? '',
        },
      },
      targets: this.#directory,
      writer: new Writer({
        projectName: 'projects/p',
        createTimeSeries: async (request) => sink(request),
        observer: { requestEnded() {}, retrying() {} },
      }),
      observer: { batchReceived() {}, sampleDropped() {}, seriesDropped() {}, pointStored() {}, pointRefused() {} },
      assembly: { learningPeriodMs: 0, maxWaitMs: 60_000, maxWaitingParts: 1_000 },
      wholeScrapes: true,
      maxSeries: 1_000,
      forgetAfterMs: 90_000_000,
    })
  }

  async scrape(text: string, timeMs: number): Promise<void> {
    const filled = text.replaceAll(/<<([^|>]+)(?:\|(\w+))?>>/g, (_all, time: string, form?: string) => {
      const ms = Date.parse(time)
      return form === 'ms' ? String(ms) : form === 'pb' ? `{ seconds: ${ms / 1000} }` : String(ms / 1000)
    })
    if (filled.startsWith('name:')) return this.#scrapeProtobuf(filled, timeMs)
    const isDown = filled.startsWith('# DOWN')
    const exposition = isDown ? undefined : parseExposition(filled, formatOf(this.#golden.contentType))
    if (exposition !== undefined) this.#directory.learn(this.#target, exposition.metadata)
    const samplesScraped = exposition?.samples.length ?? 0
    const report = { up: !isDown, durationSeconds: 0.01, samplesScraped }
    await this.#ingester.ingest(this.#series.batch(exposition, timeMs, report), { deadlineMs: 10_000 })
  }

  async #scrapeProtobuf(text: string, timestamp: number): Promise<void> {
    for (const line of text.trim().split('\n').filter(Boolean)) {
      const family = parseTextProto(line)
      const name = textOf(family, 'name')
      const type = textOf(family, 'type').toLowerCase() === 'counter' ? 'counter' : 'histogram'
      this.#directory.learn(this.#target, [{ family: name, type, help: '', unit: '' }])
      const timeseries = messagesOf(family, 'metric').flatMap((metric) => seriesOf(name, metric, timestamp))
      const { batch } = decodeVersion2(encodeVersion2({ timeseries }))
      await this.#ingester.ingest(batch, { deadlineMs: 10_000 })
    }
  }
}

/** The series that Prometheus creates from a protobuf metric, without the starts that it omits by default. */
function seriesOf(name: string, metric: TextMessage, timestamp: number): PlainSeries2[] {
  const labels = Object.fromEntries(
    messagesOf(metric, 'label').map((label) => [textOf(label, 'name'), textOf(label, 'value')]),
  )
  const base = { job: 'golden', instance: TARGET, ...labels }
  const sample = (suffix: string, value: number, more = {}): PlainSeries2 => ({
    labels: { __name__: `${name}${suffix}`, ...base, ...more },
    samples: [{ value, timestamp }],
  })
  const [counter] = messagesOf(metric, 'counter')
  if (counter !== undefined) return [sample('', numbersOf(counter, 'value')[0] ?? 0)]
  const [histogram] = messagesOf(metric, 'histogram')
  if (histogram === undefined) return []
  const number = (field: string) => numbersOf(histogram, field)[0] ?? 0
  const buckets = messagesOf(histogram, 'bucket')
  if (buckets.length > 0) {
    const parts = buckets.map((bucket) => {
      const bound = numbersOf(bucket, 'upper_bound')[0] ?? 0
      const le = bound === Number.POSITIVE_INFINITY ? '+Inf' : bound.toFixed(1)
      return sample('_bucket', numbersOf(bucket, 'cumulative_count')[0] ?? 0, { le })
    })
    return [...parts, sample('_sum', number('sample_sum')), sample('_count', number('sample_count'))]
  }
  const spans = messagesOf(histogram, 'positive_span').map((span) => ({
    offset: numbersOf(span, 'offset')[0] ?? 0,
    length: numbersOf(span, 'length')[0] ?? 0,
  }))
  const native = {
    timestamp,
    countInt: number('sample_count'),
    sum: number('sample_sum'),
    schema: number('schema'),
    zeroThreshold: number('zero_threshold'),
    zeroCountInt: number('zero_count'),
    positiveSpans: spans,
    positiveDeltas: numbersOf(histogram, 'positive_delta'),
  }
  return [{ labels: { __name__: name, ...base }, histograms: [native] }]
}

/** A `TimeSeries` as proto3 JSON, with the fields that the golden cases use. */
interface PlainSeries {
  readonly metric: { readonly type: string; readonly labels?: Readonly<Record<string, string>> }
  readonly resource: { readonly type: string; readonly labels?: Readonly<Record<string, string>> }
  readonly metricKind: string
  readonly valueType: string
  readonly points: readonly {
    readonly interval: { readonly startTime?: string; readonly endTime: string }
    readonly value: {
      readonly doubleValue?: number | string
      readonly distributionValue?: {
        readonly count?: string | number
        readonly mean?: number
        readonly sumOfSquaredDeviation?: number
        readonly bucketCounts?: readonly (string | number)[]
        readonly bucketOptions?: BucketOptions
      }
    }
  }[]
}

interface BucketOptions {
  readonly explicitBuckets?: { readonly bounds?: readonly number[] }
  readonly exponentialBuckets?: {
    readonly numFiniteBuckets?: number
    readonly growthFactor?: number
    readonly scale?: number
  }
}

function bucketsText({ explicitBuckets, exponentialBuckets }: BucketOptions = {}): string {
  if (explicitBuckets !== undefined) return `bounds ${(explicitBuckets.bounds ?? []).map(digits).join(' ')}`
  const { numFiniteBuckets = 0, growthFactor = 0, scale = 0 } = exponentialBuckets ?? {}
  return `${digits(scale)} * ${digits(growthFactor)} ** ${numFiniteBuckets}`
}

function plainSeries(bytes: Buffer): PlainSeries[] {
  const request = CreateTimeSeriesRequest.toObject(CreateTimeSeriesRequest.decode(bytes), {
    longs: Number,
    enums: String,
    defaults: false,
  })
  const time = ({ seconds = 0, nanos = 0 }: { seconds?: number; nanos?: number }) =>
    new Date(seconds * 1000 + nanos / 1e6).toISOString().replace('.000Z', 'Z')
  return (request.timeSeries ?? []).map((series: Record<string, never>) => {
    const { points = [] } = series as unknown as {
      points: { interval: { startTime?: object; endTime: object }; value: object }[]
    }
    return {
      ...series,
      points: points.map(({ interval, value }) => ({
        interval: {
          ...(interval.startTime === undefined ? {} : { startTime: time(interval.startTime) }),
          endTime: time(interval.endTime),
        },
        value,
      })),
    }
  }) as PlainSeries[]
}

/** One line for a point, numbers with 12 digits; without what a time series need not repeat (description and unit). */
function describe({ metric, resource, metricKind, valueType, points }: PlainSeries): string {
  const [point] = points
  const sorted = (labels: Readonly<Record<string, string>> = {}) =>
    Object.entries(labels)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `${name}=${value}`)
      .join(',')
  const { startTime = '', endTime } = point?.interval ?? { endTime: '' }
  const text = (time: string) => time.replace('2026-01-01T', '').replace(/\.000Z$/, 'Z')
  const { doubleValue, distributionValue: distribution } = point?.value ?? {}
  const value =
    distribution === undefined
      ? digits(Number(doubleValue ?? 0))
      : [
          `count ${Number(distribution.count ?? 0)}`,
          `mean ${digits(distribution.mean ?? 0)}`,
          `deviation ${digits(distribution.sumOfSquaredDeviation ?? 0)}`,
          `[${distribution.bucketCounts?.map(Number).join(' ')}]`,
          bucketsText(distribution.bucketOptions),
        ].join(' ')
  const head = `${metric.type}{${sorted(metric.labels)}} ${resource.type}{${sorted(resource.labels)}}`
  return `${head} ${metricKind} ${valueType} ${text(startTime)}..${text(endTime)} ${value}`
}

function digits(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(12))) : String(value)
}
