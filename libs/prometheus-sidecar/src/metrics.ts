import { status } from '@grpc/grpc-js'
import { Counter, Gauge, Histogram, type Registry } from '@node-to-cloud/telemetry'
import type { DropReason } from './convert/drop-reason.ts'
import type { IngestObserver } from './ingest/ingest-observer.ts'
import type { RemoteWriteCounters } from './remote-write/receiver.ts'
import type { WriterObserver } from './write/writer.ts'

/** The part of a logger that drops and retries are told to. */
export interface MetricsLog {
  warn(fields: object, message: string): void
}

/** What gauges show, asked at each scrape. */
export interface SidecarState {
  readonly queuedPoints: () => number
  readonly queueCapacity: () => number
  readonly requestsInFlight: () => number
  readonly concurrency: () => number
  readonly series: () => number
  readonly waitingParts: () => number
}

/** Counts that are raised too often for a metrics library: plain numbers, handed over at each scrape. */
class Tally<Label extends string> {
  readonly #values = new Map<Label, number>()

  add(label: Label, count = 1): void {
    this.#values.set(label, (this.#values.get(label) ?? 0) + count)
  }

  get(label: Label): number {
    return this.#values.get(label) ?? 0
  }

  entries(): Iterable<readonly [Label, number]> {
    return this.#values
  }

  sum(): number {
    let sum = 0
    for (const value of this.#values.values()) sum += value
    return sum
  }
}

/**
 * The sidecar's own metrics: those of Google's sidecar under its names, and its own. Also the observer of ingestion, writing and
 * receiving; says once at warn what is dropped of a series.
 */
export class SidecarMetrics implements IngestObserver, WriterObserver, RemoteWriteCounters {
  readonly #log: MetricsLog
  readonly #batchSeconds: Histogram
  readonly #dropped = new Tally<DropReason>()
  readonly #droppedSeries = new Tally<DropReason>()
  readonly #stored = new Tally<'stored' | 'already_stored'>()
  readonly #refused = new Tally<string>()
  readonly #requests = new Tally<string>()
  readonly #retries = new Tally<string>()
  readonly #answers = new Tally<string>()
  readonly #samples = new Tally<
    'received' | 'processed' | 'batches' | 'native_histogram' | 'hole_filled' | 'hole_unfilled'
  >()
  #lastRetryWarningMs = Number.NEGATIVE_INFINITY

  constructor(registry: Registry, log: MetricsLog, state: SidecarState, build: { readonly version: string }) {
    this.#log = log
    const registers = [registry]
    const counter = (name: string, help: string, collect: (counter: Counter) => void, labelNames: string[] = []) => {
      new Counter({
        name,
        help,
        labelNames,
        registers,
        collect() {
          this.reset()
          collect(this)
        },
      })
    }
    const single = (name: string, help: string, value: () => number) =>
      counter(name, help, (metric) => metric.inc(value()))
    const labelled = (name: string, help: string, label: string, tally: Tally<string>) =>
      counter(
        name,
        help,
        (metric) => {
          for (const [value, count] of tally.entries()) metric.inc({ [label]: value }, count)
        },
        [label],
      )
    const gauge = (name: string, help: string, value: () => number, queue = false) =>
      new Gauge({
        name,
        help,
        labelNames: queue ? ['queue'] : [],
        registers,
        collect() {
          this.set(queue ? { queue: QUEUE } : {}, value())
        },
      })
    const queued = (name: string, help: string, value: () => number) =>
      counter(name, help, (metric) => metric.inc({ queue: QUEUE }, value()), ['queue'])

    single('prometheus_sidecar_batches_processed', 'Batches of samples that were taken.', () =>
      this.#samples.get('batches'),
    )
    single('prometheus_sidecar_samples_processed', 'Samples that were taken.', () => this.#samples.get('processed'))
    single('prometheus_sidecar_samples_produced', 'Points that Cloud Monitoring holds because of them.', () =>
      this.#stored.sum(),
    )
    labelled(
      'prometheus_sidecar_dropped_series',
      'Series that lost a sample, by reason.',
      'reason',
      this.#droppedSeries,
    )
    labelled('prometheus_sidecar_dropped_samples', 'Samples that gave no point, by reason.', 'reason', this.#dropped)
    single('prometheus_sidecar_already_stored_points', 'Points that were sent again and were stored already.', () =>
      this.#stored.get('already_stored'),
    )
    labelled(
      'prometheus_sidecar_refused_points',
      'Points that Cloud Monitoring refused for good, by code.',
      'code',
      this.#refused,
    )
    labelled(
      'prometheus_sidecar_requests',
      'Requests to Cloud Monitoring, by the code of their answer.',
      'code',
      this.#requests,
    )
    labelled(
      'prometheus_sidecar_request_retries',
      'Requests that are made again, by the code of the answer.',
      'code',
      this.#retries,
    )
    labelled(
      'prometheus_sidecar_remote_write_requests',
      'Requests of Prometheus, by the status they were answered with.',
      'status',
      this.#answers,
    )
    single('prometheus_sidecar_remote_write_samples', 'Samples in well-formed requests of Prometheus.', () =>
      this.#samples.get('received'),
    )
    single('prometheus_sidecar_native_histograms', 'Native histograms that were left out.', () =>
      this.#samples.get('native_histogram'),
    )
    single(
      'prometheus_sidecar_hole_filled_samples',
      'Samples from Prometheus’ database that it had not sent after its restart.',
      () => this.#samples.get('hole_filled'),
    )
    single(
      'prometheus_sidecar_hole_unfilled_series',
      'Series whose hole after a restart of Prometheus could not be filled: it did not answer, or has lost its database.',
      () => this.#samples.get('hole_unfilled'),
    )
    queued('prometheus_remote_storage_succeeded_samples', 'Points that Cloud Monitoring has taken.', () =>
      this.#stored.sum(),
    )
    queued('prometheus_remote_storage_failed_samples', 'Points that Cloud Monitoring refused for good.', () =>
      this.#refused.sum(),
    )
    gauge('prometheus_remote_storage_queue_length', 'Points queued or in flight.', state.queuedPoints, true)
    gauge('prometheus_remote_storage_queue_capacity', 'Points that may be queued.', state.queueCapacity, true)
    gauge('prometheus_remote_storage_shards', 'Requests that may be in flight at once.', state.concurrency, true)
    gauge(
      'prometheus_sidecar_requests_in_flight',
      'Requests to Cloud Monitoring without an answer yet.',
      state.requestsInFlight,
    )
    gauge('prometheus_sidecar_series', 'Series that are known.', state.series)
    gauge(
      'prometheus_sidecar_waiting_histogram_parts',
      'Samples of histograms that wait for other parts.',
      state.waitingParts,
    )
    new Gauge({
      name: 'prometheus_sidecar_build_info',
      help: '1, with the version as its label.',
      labelNames: ['version'],
      registers,
    }).set({ version: build.version }, 1)
    this.#batchSeconds = new Histogram({
      name: 'prometheus_remote_storage_sent_batch_duration_seconds',
      help: 'How long requests to Cloud Monitoring took.',
      labelNames: ['queue'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    })
  }

  /** Samples dropped so far, by reason. */
  get dropped(): Iterable<readonly [DropReason, number]> {
    return this.#dropped.entries()
  }

  /** Points stored so far. */
  get storedPoints(): number {
    return this.#stored.sum()
  }

  /** Points refused for good so far. */
  get refusedPoints(): number {
    return this.#refused.sum()
  }

  batchTaken(samples: number): void {
    this.#samples.add('batches')
    this.#samples.add('processed', samples)
  }

  sampleDropped(reason: DropReason): void {
    this.#dropped.add(reason)
  }

  seriesDropped({ reason, detail, labels }: { reason: DropReason; detail: string; labels: () => string }): void {
    this.#droppedSeries.add(reason)
    this.#log.warn(
      { series: labels(), reason, ...(detail === '' ? {} : { detail }) },
      `A sample was dropped: ${reason}.`,
    )
  }

  pointStored(outcome: 'stored' | 'already_stored'): void {
    this.#stored.add(outcome)
  }

  pointRefused(code: number): void {
    this.#refused.add(codeName(code))
  }

  requestEnded({ code, durationMs }: { code: number; series: number; durationMs: number }): void {
    this.#requests.add(codeName(code))
    this.#batchSeconds.observe({ queue: QUEUE }, durationMs / 1000)
  }

  /** Told at most every ten seconds: an outage is one event. */
  retrying({ code, message, series, waitMs }: { code: number; message: string; series: number; waitMs: number }): void {
    this.#retries.add(codeName(code))
    if (performance.now() - this.#lastRetryWarningMs < 10_000) return
    this.#lastRetryWarningMs = performance.now()
    this.#log.warn(
      { code: codeName(code), error: message, points: series, waitMs: Math.round(waitMs) },
      'Cloud Monitoring did not take points; they are sent again.',
    )
  }

  answered(statusCode: number): void {
    this.#answers.add(String(statusCode))
  }

  samples(count: number): void {
    this.#samples.add('received', count)
  }

  /** Samples that a restart of Prometheus had made it skip were put in. */
  holeFilled(samples: number): void {
    this.#samples.add('hole_filled', samples)
  }

  /** Series whose hole can't be looked at. */
  holeUnfilled(series: number): void {
    this.#samples.add('hole_unfilled', series)
  }

  nativeHistograms(count: number): void {
    this.#samples.add('native_histogram', count)
  }
}

const QUEUE = 'cloud-monitoring'

function codeName(code: number): string {
  return status[code] ?? String(code)
}
