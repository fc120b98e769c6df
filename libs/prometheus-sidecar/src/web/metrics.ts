import { status } from '@grpc/grpc-js'
import { Histogram, type Registry } from '@node-to-cloud/telemetry'
import type { DropReason } from '../convert/drop-reason.ts'
import type { IngestObserver } from '../ingest/ingest-observer.ts'
import type { Log } from '../log/log.ts'
import type { WriterObserver } from '../write/writer.ts'
import { AuditMetrics } from './audit-metrics.ts'
import { DropLog, type DroppedSeries } from './drop-log.ts'
import { QUEUE } from './gauges.ts'
import type { RemoteWriteCounters } from './receiver.ts'
import { countBy, countOf, Tally } from './tally.ts'

/** Names of counts besides the reasons for dropped samples. */
export const STORED_POINTS = 'stored points'
export const REFUSED_POINTS = 'refused points'

const RETRY_WARNING_INTERVAL_MS = 10_000

/**
 * Counts what happens to samples, points and requests, under the names of Google's sidecar where it has one. Logs which
 * series lose samples.
 */
export class SidecarMetrics implements IngestObserver, WriterObserver, RemoteWriteCounters {
  readonly audit: AuditMetrics
  readonly #log: Pick<Log, 'info' | 'warn'>
  readonly #dropLog: DropLog
  readonly #batchSeconds: Histogram<'queue'>
  readonly #dropped = new Tally<DropReason>()
  readonly #droppedSeries = new Tally<DropReason>()
  /** Plain numbers, since they increase with each point. */
  #stored = 0
  #alreadyStored = 0
  readonly #refused = new Tally<string>()
  readonly #requests = new Tally<string>()
  readonly #retries = new Tally<string>()
  readonly #answers = new Tally<string>()
  readonly #samples = new Tally<
    'received' | 'processed' | 'batches' | 'native_histogram' | 'exemplar' | 'gap_filled' | 'gap_unfilled' | 'gap_lost'
  >()
  #lastRetryWarningMs = Number.NEGATIVE_INFINITY

  constructor(registry: Registry, log: Pick<Log, 'info' | 'warn'>) {
    this.#log = log
    this.#dropLog = new DropLog(log)
    this.audit = new AuditMetrics(registry, log)
    this.#registerSampleCounters(registry)
    this.#registerPointCounters(registry)
    this.#batchSeconds = new Histogram({
      name: 'prometheus_remote_storage_sent_batch_duration_seconds',
      help: 'Duration of requests to Cloud Monitoring.',
      labelNames: ['queue'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers: [registry],
    })
  }

  #registerSampleCounters(registry: Registry): void {
    const samples = this.#samples
    countOf(registry, 'prometheus_sidecar_batches_processed', 'Batches of samples received.', () =>
      samples.get('batches'),
    )
    countOf(registry, 'prometheus_sidecar_samples_processed', 'Samples received.', () => samples.get('processed'))
    countBy(registry, 'reason', this.#droppedSeries, {
      name: 'prometheus_sidecar_dropped_series',
      help: 'Series with dropped samples, by reason.',
    })
    countBy(registry, 'reason', this.#dropped, {
      name: 'prometheus_sidecar_dropped_samples',
      help: 'Samples that were not stored, by reason.',
    })
    countBy(registry, 'status', this.#answers, {
      name: 'prometheus_sidecar_remote_write_requests',
      help: 'remote_write requests, by response status.',
    })
    countOf(registry, 'prometheus_sidecar_remote_write_samples', 'Samples in well-formed remote_write requests.', () =>
      samples.get('received'),
    )
    countOf(
      registry,
      'prometheus_sidecar_dropped_exemplars',
      'Exemplars that could not be used: their labels were too long, repeated, or not UTF-8.',
      () => samples.get('exemplar'),
    )
    countOf(registry, 'prometheus_sidecar_native_histograms', 'Native histograms received.', () =>
      samples.get('native_histogram'),
    )
    countOf(
      registry,
      'prometheus_sidecar_hole_filled_samples',
      'Samples read from Prometheus’ database because it did not send them.',
      () => samples.get('gap_filled'),
    )
    countOf(
      registry,
      'prometheus_sidecar_hole_unfilled_series',
      'Gaps in series that could not be filled: Prometheus did not answer, or has lost its database.',
      () => samples.get('gap_unfilled'),
    )
    countOf(
      registry,
      'prometheus_sidecar_hole_unfilled_samples',
      'Samples missing in such gaps, estimated from the scrape interval.',
      () => samples.get('gap_lost'),
    )
  }

  #registerPointCounters(registry: Registry): void {
    const stored = () => this.storedPoints
    countOf(registry, 'prometheus_sidecar_samples_produced', 'Points stored in Cloud Monitoring.', stored)
    countOf(
      registry,
      'prometheus_sidecar_already_stored_points',
      'Points sent again that had already been stored.',
      () => this.#alreadyStored,
    )
    countBy(registry, 'code', this.#refused, {
      name: 'prometheus_sidecar_refused_points',
      help: 'Points that Cloud Monitoring refused for good, by code.',
    })
    countBy(registry, 'code', this.#requests, {
      name: 'prometheus_sidecar_requests',
      help: 'Requests to Cloud Monitoring, by response code.',
    })
    countBy(registry, 'code', this.#retries, {
      name: 'prometheus_sidecar_request_retries',
      help: 'Retried requests to Cloud Monitoring, by the code of the failed one.',
    })
    countOf(
      registry,
      'prometheus_remote_storage_succeeded_samples',
      'Points that Cloud Monitoring accepted.',
      stored,
      QUEUE,
    )
    countOf(
      registry,
      'prometheus_remote_storage_failed_samples',
      'Points that Cloud Monitoring refused for good.',
      () => this.#refused.sum(),
      QUEUE,
    )
  }

  /** Samples dropped so far, by reason. */
  get dropped(): ReadonlyMap<DropReason, number> {
    return this.#dropped.counts
  }

  get storedPoints(): number {
    return this.#stored + this.#alreadyStored
  }

  get refusedPoints(): number {
    return this.#refused.sum()
  }

  /** The counts on the status page: samples dropped by reason, and points stored and refused. */
  get counts(): ReadonlyMap<string, number> {
    return new Map<string, number>([
      ...this.#dropped.counts,
      [STORED_POINTS, this.storedPoints],
      [REFUSED_POINTS, this.refusedPoints],
    ])
  }

  batchReceived(samples: number): void {
    this.#samples.add('batches')
    this.#samples.add('processed', samples)
  }

  sampleDropped(reason: DropReason): void {
    this.#dropped.add(reason)
  }

  seriesDropped(series: DroppedSeries): void {
    this.#droppedSeries.add(series.reason)
    this.#dropLog.report(series)
  }

  pointStored(outcome: 'stored' | 'already_stored'): void {
    if (outcome === 'stored') this.#stored += 1
    else this.#alreadyStored += 1
  }

  pointRefused(code: number): void {
    this.#refused.add(codeName(code))
  }

  requestEnded({ code, durationMs }: { code: number; series: number; durationMs: number }): void {
    this.#requests.add(codeName(code))
    this.#batchSeconds.observe(QUEUE, durationMs / 1000)
  }

  /** Logs at most once every ten seconds: an outage is one event. */
  retrying({ code, message, series, waitMs }: { code: number; message: string; series: number; waitMs: number }): void {
    this.#retries.add(codeName(code))
    if (performance.now() - this.#lastRetryWarningMs < RETRY_WARNING_INTERVAL_MS) return
    this.#lastRetryWarningMs = performance.now()
    this.#log.warn(
      { code: codeName(code), error: message, points: series, waitMs: Math.round(waitMs) },
      'Writing to Cloud Monitoring failed; the points will be sent again.',
    )
  }

  answered(statusCode: number): void {
    this.#answers.add(String(statusCode))
  }

  samplesReceived(count: number): void {
    this.#samples.add('received', count)
  }

  gapFilled(samples: number): void {
    this.#samples.add('gap_filled', samples)
  }

  gapUnfilled({ series, samples }: { readonly series: number; readonly samples: number }): void {
    this.#samples.add('gap_unfilled', series)
    this.#samples.add('gap_lost', samples)
  }

  exemplarDropped(): void {
    this.#samples.add('exemplar')
  }

  nativeHistogramsReceived(count: number): void {
    this.#samples.add('native_histogram', count)
  }
}

function codeName(code: number): string {
  return status[code] ?? String(code)
}
