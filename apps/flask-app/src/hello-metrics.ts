import { Counter, Gauge, type Registry } from '@node-to-cloud/telemetry'
import type { RequestMetricsOptions } from '@node-to-cloud/telemetry/fastify'

/** The request metrics, with the names of the Flask exporter. */
export const FLASK_REQUEST_METRICS: RequestMetricsOptions = {
  durationName: 'flask_http_request_duration_seconds',
  durationBuckets: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
  requestsName: 'flask_http_request_total',
  exceptionsName: 'flask_http_request_exceptions_total',
  labels: { method: 'method', route: 'path', status: 'status' },
}

/** Registers `flask_exporter_info`, which is always 1 and has the version as a label. */
export function registerExporterInfo(registry: Registry, version: string): void {
  new Gauge({
    name: 'flask_exporter_info',
    help: 'The version of the service that exports these metrics',
    labelNames: ['version'],
    registers: [registry],
    aggregator: 'first',
  }).set({ version }, 1)
}

/**
 * Registers `flask_app_hello_requests_total`.
 *
 * @returns a function that counts one request
 */
export function registerHelloCounter(registry: Registry, environment: string): () => void {
  let count = 0
  new Counter({
    name: 'flask_app_hello_requests_total',
    help: 'Requests to /, including those that chaos aborted',
    labelNames: ['app', 'environment'],
    registers: [registry],
    // The Prometheus client validates and hashes the labels on every `inc`; once per collection is enough.
    collect() {
      this.reset()
      this.inc({ app: 'flask-app', environment }, count)
    },
  })
  return () => {
    count++
  }
}
