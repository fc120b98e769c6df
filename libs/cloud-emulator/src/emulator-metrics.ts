import { Counter, Gauge, Histogram, Registry, registerProcessMetrics } from '@node-to-cloud/telemetry'
import type { MetricStore } from './monitoring/store/metric-store.ts'
import { RateMeter } from './monitoring/store/rate-meter.ts'
import type { SpanStore } from './trace/span-store.ts'

/** The emulator's own metrics, in a registry of their own, and the totals that its pages show. */
export class EmulatorMetrics {
  readonly registry = new Registry()
  readonly totals = { pointsAccepted: 0, pointsRefused: 0, spansAccepted: 0, spansRefused: 0 }
  readonly pointRate = new RateMeter()
  readonly #points: Counter
  readonly #refusedPoints: Counter<'reason'>
  readonly #spans: Counter
  readonly #refusedSpans: Counter<'reason'>
  readonly #calls: Histogram<'method' | 'status'>

  constructor(stores: { metrics: MetricStore; spans: SpanStore }) {
    const registers = [this.registry]
    registerProcessMetrics(this.registry)
    this.#points = new Counter({
      name: 'cloud_emulator_points_accepted_total',
      help: 'Points of time series that were stored.',
      registers,
    })
    this.#refusedPoints = new Counter({
      name: 'cloud_emulator_points_refused_total',
      help: 'Points of time series that were refused.',
      labelNames: ['reason'],
      registers,
    })
    this.#spans = new Counter({
      name: 'cloud_emulator_spans_accepted_total',
      help: 'Spans that were stored.',
      registers,
    })
    this.#refusedSpans = new Counter({
      name: 'cloud_emulator_spans_refused_total',
      help: 'Spans that were refused, or dropped as duplicates.',
      labelNames: ['reason'],
      registers,
    })
    this.#calls = new Histogram({
      name: 'cloud_emulator_call_duration_seconds',
      help: 'Time to answer a call, injected latency included.',
      labelNames: ['method', 'status'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    })
    this.#registerStores(stores)
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

  call(method: string, status: string, seconds: number): void {
    this.#calls.observe({ method, status }, seconds)
  }

  #registerStores({ metrics, spans }: { metrics: MetricStore; spans: SpanStore }): void {
    const gauge = (name: string, help: string, read: () => number): void => {
      new Gauge({
        name,
        help,
        registers: [this.registry],
        collect() {
          this.set(read())
        },
      })
    }
    gauge('cloud_emulator_series', 'Time series that are kept.', () => metrics.seriesCount)
    gauge('cloud_emulator_points', 'Points that are kept.', () => metrics.pointCount)
    gauge(
      'cloud_emulator_point_bytes',
      'Bytes of memory for the points that are kept, with their exemplars and labels.',
      () => metrics.pointBytes,
    )
    gauge('cloud_emulator_spans', 'Spans that are kept.', () => spans.spanCount)
    gauge('cloud_emulator_span_bytes', 'Bytes of memory for the spans that are kept, about.', () => spans.byteLength)
    this.#registerEvictions(metrics, spans)
  }

  #registerEvictions(metrics: MetricStore, spans: SpanStore): void {
    const registers = [this.registry]
    const evictions = metrics.evictions
    new Counter({
      name: 'cloud_emulator_points_evicted_total',
      help: 'Stored points that were dropped again: older than the retention, or for want of space.',
      labelNames: ['reason'],
      registers,
      collect() {
        this.reset()
        this.inc({ reason: 'retention' }, evictions.pointsByRetention)
        this.inc({ reason: 'bytes' }, evictions.pointsByBytes)
        this.inc({ reason: 'series' }, evictions.pointsBySeries)
      },
    })
    const total = (name: string, help: string, read: () => number): void => {
      new Counter({
        name,
        help,
        registers,
        collect() {
          this.reset()
          this.inc(read())
        },
      })
    }
    total('cloud_emulator_series_evicted_total', 'Series dropped because there were too many.', () => evictions.series)
    total(
      'cloud_emulator_spans_evicted_total',
      'Spans dropped: older than the retention, or too many.',
      () => spans.evictedSpans,
    )
  }
}
