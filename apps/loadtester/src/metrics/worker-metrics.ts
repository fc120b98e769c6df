import type { Registry } from '@node-to-cloud/telemetry'
import type { SpanDeltas } from '../engine/span-deltas.ts'
import { NO_GAUGES, type WorkerGauges } from '../protocol/messages.ts'
import { DURATION_BUCKETS } from '../results/series-tally.ts'
import { Tally } from '../results/tally.ts'
import type { WorkerCounts } from '../worker/worker-agent.ts'
import { type FamilySample, registerFamily, registerValue } from './family-metric.ts'

/** Upper bounds, in seconds, of the buckets of `loadtester_start_lag_seconds`, without `+Inf`. */
const LAG_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

const REQUEST_DURATION = 'loadtester_request_duration_seconds'
const START_LAG = 'loadtester_start_lag_seconds'

/** A worker's metrics: the counts since its process started, over all runs. */
export class WorkerMetrics implements WorkerCounts {
  readonly #registry: Registry
  readonly #tally: Tally
  readonly #droppedSpans = new Map<string, number>()
  #exportedSpans = 0
  #gauges = NO_GAUGES

  constructor(registry: Registry, maximumSeries: number) {
    this.#registry = registry
    this.#tally = new Tally({ maximumSeries })
    this.#family(
      'loadtester_requests_total',
      'counter',
      'Completed requests, by method, name in the script and status (error: no response).',
      () => this.#requests(),
    )
    this.#family(
      REQUEST_DURATION,
      'histogram',
      'Response time of requests: from sending to the last byte of the response.',
      () => this.#durations(),
    )
    this.#family(START_LAG, 'histogram', 'Time between when virtual users were due and when they started.', () =>
      this.#lag(),
    )
    this.#counter('loadtester_arrivals_total', 'Virtual users that started.', () => this.#tally.arrivals)
    this.#counter(
      'loadtester_skipped_arrivals_total',
      'Virtual users that were due but not started, because the limit of virtual users was reached.',
      () => this.#tally.usersSkipped,
    )
    this.#counter(
      'loadtester_failed_users_total',
      'Virtual users whose scenario ended with an error.',
      () => this.#tally.usersFailed,
    )
    this.#counter(
      'loadtester_exceptions_total',
      'Virtual users that failed because of an engine, a processor or a hook, not because of a request.',
      () => this.#tally.usersFailed - this.#tally.usersFailedByRequest,
    )
    this.#counter(
      'loadtester_cut_users_total',
      'Virtual users that were still running when a run was stopped.',
      () => this.#tally.usersCut,
    )
    this.#counter('loadtester_spans_exported_total', 'Spans of requests that were exported.', () => this.#exportedSpans)
    this.#family(
      'loadtester_spans_dropped_total',
      'counter',
      'Spans of requests that were lost, by reason. The requests themselves were sent and counted.',
      () => [...this.#droppedSpans].map(([reason, value]) => ({ labels: { reason }, value })),
    )
    this.#gauge('loadtester_users', 'Current virtual users.', ({ users }) => users)
    this.#gauge('loadtester_requests_in_flight', 'Requests in flight.', ({ inFlight }) => inFlight)
    this.#gauge(
      'loadtester_engine_utilization_ratio',
      "Share of time that the engine's event loop was busy.",
      ({ utilization }) => utilization,
    )
  }

  add(tally: Tally, gauges: WorkerGauges): void {
    this.#tally.merge(tally)
    this.#gauges = gauges
  }

  addSpans({ exported, dropped }: SpanDeltas): void {
    this.#exportedSpans += exported
    for (const [reason, count] of Object.entries(dropped))
      this.#droppedSpans.set(reason, (this.#droppedSpans.get(reason) ?? 0) + count)
  }

  #requests(): FamilySample[] {
    return [...this.#tally.series.values()].flatMap(({ method, name, statuses, requests }) => {
      const samples = [...statuses].map(([status, value]) => ({ labels: { method, name, status }, value }))
      const withoutStatus = requests - samples.reduce((sum, { value }) => sum + value, 0)
      return withoutStatus > 0
        ? [...samples, { labels: { method, name, status: 'error' }, value: withoutStatus }]
        : samples
    })
  }

  #durations(): FamilySample[] {
    return [...this.#tally.series.values()].flatMap(({ method, name, buckets, latency }) =>
      histogramSamples(REQUEST_DURATION, { method, name }, DURATION_BUCKETS, [...buckets], latency.sum / 1000),
    )
  }

  #lag(): FamilySample[] {
    const { lag } = this.#tally
    const below = LAG_BUCKETS.map((bound) => Math.round(lag.count * (1 - lag.shareAbove(bound * 1000))))
    const counts = [...below, lag.count].map((count, index, all) => count - (all[index - 1] ?? 0))
    return histogramSamples(START_LAG, {}, LAG_BUCKETS, counts, lag.sum / 1000)
  }

  #family(name: string, type: 'counter' | 'histogram', help: string, collect: () => FamilySample[]): void {
    registerFamily({ registry: this.#registry, name, help, type, collect })
  }

  #counter(name: string, help: string, read: () => number): void {
    registerValue(this.#registry, 'counter', name, help, read)
  }

  #gauge(name: string, help: string, read: (gauges: WorkerGauges) => number): void {
    registerValue(this.#registry, 'gauge', name, help, () => read(this.#gauges))
  }
}

/** The samples of one histogram; `counts` are not cumulative, and end with that of `+Inf`. */
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
