import { Gauge, type Registry } from '@node-to-cloud/telemetry'
import type { SpanDeltas } from '../engine/span-deltas.ts'
import { type FamilySample, registerFamily } from '../metrics/family-metric.ts'
import type { WorkerGauges } from '../protocol/messages.ts'
import { durationBuckets } from '../results/series-tally.ts'
import { Tally } from '../results/tally.ts'

/** Upper bounds, in seconds, of the buckets of `loadtester_start_lag_seconds`. */
const lagBuckets = [0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

/** A worker's metrics: what was counted since its process began, over all runs. */
export class WorkerMetrics {
  readonly #tally: Tally
  readonly #droppedSpans = new Map<string, number>()
  #exportedSpans = 0
  #gauges: WorkerGauges = { users: 0, inFlight: 0, utilization: 0, cpuCores: 0, memoryBytes: 0 }

  constructor(registry: Registry, maximumSeries: number) {
    this.#tally = new Tally({ maximumSeries })
    registerFamily({
      registry,
      name: 'loadtester_requests_total',
      type: 'counter',
      help: 'Requests that ended, by method, name in the script and status (error: no response).',
      collect: () => this.#requests(),
    })
    registerFamily({
      registry,
      name: 'loadtester_request_duration_seconds',
      type: 'histogram',
      help: 'Service time of requests: sent until the last byte of the response.',
      collect: () => this.#durations(),
    })
    registerFamily({
      registry,
      name: 'loadtester_start_lag_seconds',
      type: 'histogram',
      help: 'How late virtual users began, after they were due.',
      collect: () => this.#lag(),
    })
    this.#counter(registry, 'loadtester_arrivals_total', 'Virtual users that began.', (tally) => tally.arrivals)
    this.#counter(
      registry,
      'loadtester_skipped_arrivals_total',
      'Virtual users that were due and not begun: too many ran.',
      (tally) => tally.usersSkipped,
    )
    this.#counter(
      registry,
      'loadtester_failed_users_total',
      'Virtual users whose flow ended with an error.',
      (tally) => tally.usersFailed,
    )
    registerFamily({
      registry,
      name: 'loadtester_spans_exported_total',
      type: 'counter',
      help: 'Spans of requests that the exporter has delivered.',
      collect: () => [{ labels: {}, value: this.#exportedSpans }],
    })
    registerFamily({
      registry,
      name: 'loadtester_spans_dropped_total',
      type: 'counter',
      help: 'Spans of requests that were lost, by reason; the requests themselves were sent and counted.',
      collect: () => [...this.#droppedSpans].map(([reason, value]) => ({ labels: { reason }, value })),
    })
    this.#gauge(registry, 'loadtester_users', 'Virtual users that run now.', (gauges) => gauges.users)
    this.#gauge(
      registry,
      'loadtester_requests_in_flight',
      'Requests that were sent and have not ended.',
      (gauges) => gauges.inFlight,
    )
    this.#gauge(
      registry,
      'loadtester_engine_utilization_ratio',
      "Share of time in which the engine's event loop was busy.",
      (gauges) => gauges.utilization,
    )
  }

  /** Adds what was counted. */
  add(tally: Tally, gauges: WorkerGauges): void {
    this.#tally.merge(tally)
    this.#gauges = gauges
  }

  /** Adds what became of spans. */
  addSpans({ exported, dropped }: SpanDeltas): void {
    this.#exportedSpans += exported
    for (const [reason, count] of Object.entries(dropped))
      this.#droppedSpans.set(reason, (this.#droppedSpans.get(reason) ?? 0) + count)
  }

  #requests(): FamilySample[] {
    return [...this.#tally.series.values()].flatMap(({ method, name, statuses, ended }) => {
      const samples = [...statuses].map(([status, value]) => ({ labels: { method, name, status }, value }))
      const withoutStatus = ended - samples.reduce((sum, { value }) => sum + value, 0)
      return withoutStatus > 0
        ? [...samples, { labels: { method, name, status: 'error' }, value: withoutStatus }]
        : samples
    })
  }

  #durations(): FamilySample[] {
    return [...this.#tally.series.values()].flatMap(({ method, name, buckets, latency }) =>
      histogramSamples(
        'loadtester_request_duration_seconds',
        { method, name },
        durationBuckets,
        [...buckets],
        latency.sum / 1000,
      ),
    )
  }

  #lag(): FamilySample[] {
    const { lag } = this.#tally
    const below = lagBuckets.map((bound) => Math.round(lag.count * (1 - lag.shareAbove(bound * 1000))))
    const counts = [...below, lag.count].map((count, index, all) => count - (all[index - 1] ?? 0))
    return histogramSamples('loadtester_start_lag_seconds', {}, lagBuckets, counts, lag.sum / 1000)
  }

  #counter(registry: Registry, name: string, help: string, read: (tally: Tally) => number): void {
    registerFamily({ registry, name, help, type: 'counter', collect: () => [{ labels: {}, value: read(this.#tally) }] })
  }

  #gauge(registry: Registry, name: string, help: string, read: (gauges: WorkerGauges) => number): void {
    const metrics = this
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read(metrics.#gauges))
      },
    })
  }
}

/** The samples of one histogram: `counts` holds one more than there are bounds, not cumulative. */
function histogramSamples(
  name: string,
  labels: Readonly<Record<string, string>>,
  bounds: readonly number[],
  counts: readonly number[],
  sum: number,
): FamilySample[] {
  let total = 0
  const buckets = counts.map((count, index) => {
    total += count
    return { metricName: `${name}_bucket`, labels: { ...labels, le: bounds[index] ?? '+Inf' }, value: total }
  })
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: total },
  ]
}
