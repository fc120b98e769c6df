import { Gauge, type Registry } from '@node-to-cloud/telemetry'

/** The labels of Prometheus' own remote storage metrics. */
export const QUEUE = { queue: 'cloud-monitoring' } as const

/** The sources of the gauges, read at each scrape. */
export interface GaugeSources {
  readonly version: string
  readonly queueCapacity: number
  readonly maxSeriesBytes: number
  readonly writer: { readonly queuedPoints: number; readonly requestsInFlight: number; readonly concurrency: number }
  readonly ingester: { readonly seriesCount: number; readonly seriesBytes: number; readonly waitingParts: number }
  /** Undefined if this is the only sidecar. */
  readonly election?: { readonly isLeader: boolean } | undefined
}

/** Registers the gauges of the writer's queue and of ingestion, and the build's version. */
export function registerGauges(
  registry: Registry,
  { version, queueCapacity, maxSeriesBytes, writer, ingester, election }: GaugeSources,
): void {
  const gauge = (name: string, help: string, value: () => number, labels: Readonly<Record<string, string>> = {}) =>
    new Gauge({
      name,
      help,
      labelNames: Object.keys(labels),
      registers: [registry],
      collect() {
        this.set(labels, value())
      },
    })
  gauge('prometheus_remote_storage_queue_length', 'Points queued or in flight.', () => writer.queuedPoints, QUEUE)
  gauge('prometheus_remote_storage_queue_capacity', 'Maximum number of queued points.', () => queueCapacity, QUEUE)
  gauge('prometheus_remote_storage_shards', 'Maximum number of concurrent requests.', () => writer.concurrency, QUEUE)
  gauge(
    'prometheus_sidecar_requests_in_flight',
    'Requests to Cloud Monitoring in flight.',
    () => writer.requestsInFlight,
  )
  gauge('prometheus_sidecar_series', 'Known series.', () => ingester.seriesCount)
  gauge('prometheus_sidecar_series_bytes', 'Estimated memory of all known series.', () => ingester.seriesBytes)
  gauge(
    'prometheus_sidecar_series_max_bytes',
    'Memory limit of all series; samples of new series beyond it are dropped.',
    () => maxSeriesBytes,
  )
  gauge(
    'prometheus_sidecar_waiting_histogram_parts',
    'Samples of histograms that are waiting for the rest of their histogram.',
    () => ingester.waitingParts,
  )
  if (election !== undefined) {
    gauge('prometheus_sidecar_leader', 'Whether this sidecar is the leader, which writes.', () =>
      Number(election.isLeader),
    )
  }
  gauge('prometheus_sidecar_build_info', 'Always 1; its label is the version.', () => 1, { version })
}
