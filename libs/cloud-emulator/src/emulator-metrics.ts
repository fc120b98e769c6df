import { Counter, Gauge, Histogram, Registry, registerProcessMetrics } from '@node-to-cloud/telemetry'
import type { LogStore } from './logging/store/log-store.ts'
import type { MetricStore } from './monitoring/store/metric-store.ts'
import { RateMeter } from './monitoring/store/rate-meter.ts'
import type { SpanStore } from './trace/span-store.ts'

/** The emulator's own metrics, in a registry of their own, and the totals that its pages show. */
export class EmulatorMetrics {
  readonly registry = new Registry()
  readonly totals = {
    pointsAccepted: 0,
    pointsRefused: 0,
    spansAccepted: 0,
    spansRefused: 0,
    entriesAccepted: 0,
    entriesRefused: 0,
  }
  readonly pointRate = new RateMeter()
  readonly #points = this.#counter('points_accepted_total', 'Points of time series that were stored.')
  readonly #refusedPoints = this.#counter('points_refused_total', 'Points of time series that were rejected.', 'reason')
  readonly #spans = this.#counter('spans_accepted_total', 'Spans that were stored.')
  readonly #refusedSpans = this.#counter('spans_refused_total', 'Spans that were rejected or duplicates.', 'reason')
  readonly #callsNotStored = this.#counter('calls_not_kept_total', 'Calls that could not be written to --data-dir.')
  readonly #entries = this.#counter('log_entries_accepted_total', 'Log entries that were stored.')
  readonly #refusedEntries = this.#counter('log_entries_refused_total', 'Log entries that were rejected.', 'reason')
  readonly #calls = new Histogram({
    name: 'cloud_emulator_call_duration_seconds',
    help: 'Duration of calls, including injected latency.',
    labelNames: ['method', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [this.registry],
  })

  constructor({ metrics, spans, logs }: { metrics: MetricStore; spans: SpanStore; logs: LogStore }) {
    registerProcessMetrics(this.registry)
    this.#gauge('series', 'Stored time series.', () => metrics.seriesCount)
    this.#gauge('points', 'Stored points.', () => metrics.pointCount)
    this.#gauge('point_bytes', 'Memory of the stored points, their exemplars and labels.', () => metrics.pointBytes)
    this.#gauge('spans', 'Stored spans.', () => spans.spanCount)
    this.#gauge('span_bytes', 'Estimated memory of the stored spans.', () => spans.byteLength)
    this.#gauge('log_entries', 'Stored log entries.', () => logs.entryCount)
    this.#gauge('log_entry_bytes', 'Estimated memory of the stored log entries.', () => logs.byteLength)
    const { evictions } = metrics
    this.#evictions(
      'points_evicted_total',
      'Points evicted by retention, or because the limit of bytes or series was reached.',
      {
        retention: () => evictions.pointsByRetention,
        bytes: () => evictions.pointsByBytes,
        series: () => evictions.pointsBySeries,
      },
    )
    this.#evictions('series_evicted_total', 'Series evicted because the limit was reached.', () => evictions.series)
    this.#evictions(
      'spans_evicted_total',
      'Spans evicted by retention, or because a limit was reached.',
      () => spans.evictedSpans,
    )
    this.#evictions(
      'log_entries_evicted_total',
      'Log entries evicted by retention, or because the limit of bytes was reached.',
      () => logs.evictedEntries,
    )
  }

  entriesAccepted(count: number): void {
    this.totals.entriesAccepted += count
    this.#entries.inc(count)
  }

  entriesRefused(reason: string, count: number): void {
    this.totals.entriesRefused += count
    this.#refusedEntries.inc({ reason }, count)
  }

  pointsAccepted(count: number, nowMicros: number): void {
    this.totals.pointsAccepted += count
    this.#points.inc(count)
    this.pointRate.add(count, nowMicros)
  }

  pointsRefused(reason: string, count: number): void {
    this.totals.pointsRefused += count
    this.#refusedPoints.inc({ reason }, count)
  }

  spansAccepted(count: number): void {
    this.totals.spansAccepted += count
    this.#spans.inc(count)
  }

  spansRefused(reason: string, count: number): void {
    this.totals.spansRefused += count
    this.#refusedSpans.inc({ reason }, count)
  }

  callsNotStored(count: number): void {
    this.#callsNotStored.inc(count)
  }

  call(method: string, status: string, seconds: number): void {
    this.#calls.observe({ method, status }, seconds)
  }

  #counter<Label extends string = never>(name: string, help: string, ...labelNames: Label[]): Counter<Label> {
    return new Counter({ name: `cloud_emulator_${name}`, help, labelNames, registers: [this.registry] })
  }

  #gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name: `cloud_emulator_${name}`,
      help,
      registers: [this.registry],
      collect() {
        this.set(read())
      },
    })
  }

  /** A counter whose total, or total per reason, is maintained by a store. */
  #evictions(name: string, help: string, read: (() => number) | Readonly<Record<string, () => number>>): void {
    const byReason = typeof read === 'function' ? [] : Object.entries(read)
    new Counter({
      name: `cloud_emulator_${name}`,
      help,
      labelNames: byReason.length > 0 ? ['reason'] : [],
      registers: [this.registry],
      collect() {
        this.reset()
        if (typeof read === 'function') this.inc(read())
        for (const [reason, count] of byReason) this.inc({ reason }, count())
      },
    })
  }
}
