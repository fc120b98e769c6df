import type { FastifyInstance } from 'fastify'
import type {} from 'fastify-metrics'
import { FastifyMetrics } from 'fastify-metrics/dist/fastify-metrics.js'
import { Counter, prometheusClient, type Registry } from '../metrics/client.ts'
import type { InFlightRequest } from './in-flight-request.ts'
import { knownMethod } from './known-method.ts'
import { type RequestDurationExemplar, RequestDurationHistogram } from './request-duration-histogram.ts'

/** The names of the metrics of a service's requests; a metric without a name is not registered. */
export interface RequestMetricsOptions {
  /** The histogram `{method, path, status}` of durations, in seconds. */
  readonly durationName: string
  readonly durationBuckets: readonly number[]
  /** The counter `{method, status}` of requests. */
  readonly requestsName?: string
  /** The counter `{method, status}` of requests that ended in an unhandled error. */
  readonly exceptionsName?: string
}

/** The metrics of a service that names none. */
export const DEFAULT_REQUEST_METRICS: RequestMetricsOptions = {
  durationName: 'http_server_request_duration_seconds',
  durationBuckets: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
}

/** The value of the label `path` of requests that no route matches. */
export const UNMATCHED_PATH = 'unmatched'

/** The metrics of every request of a Fastify instance. */
export class RequestMetrics {
  readonly #durations: RequestDurationHistogram
  readonly #exceptions: Counter<'method' | 'status'> | undefined

  /** Registers the metrics in `registry`, and fastify-metrics, with the same client, as `fastify.metrics`. */
  constructor(fastify: FastifyInstance, registry: Registry, options: RequestMetricsOptions) {
    const registers = [registry]
    const labelNames = ['method', 'status'] as const
    const durations = new RequestDurationHistogram({
      name: options.durationName,
      help: 'Duration of requests in seconds',
      labelNames: ['method', 'path', 'status'],
      buckets: [...options.durationBuckets],
      registers,
    })
    this.#durations = durations
    if (options.requestsName !== undefined) {
      new Counter({
        name: options.requestsName,
        help: 'Requests answered',
        labelNames,
        registers,
        // Every request has a duration, so they are already counted.
        collect() {
          this.reset()
          for (const { method, status, count } of durations.countsByMethodAndStatus()) {
            this.inc({ method, status }, count)
          }
        },
      })
    }
    if (options.exceptionsName !== undefined) {
      this.#exceptions = new Counter({
        name: options.exceptionsName,
        help: 'Requests that ended in an unhandled exception',
        labelNames,
        registers,
      })
    }
    decorateWithFastifyMetrics(fastify)
  }

  /** Observes a request that has been answered. */
  observe(
    { request, reply }: InFlightRequest,
    durationSeconds: number,
    exemplar: RequestDurationExemplar | undefined,
  ): void {
    const { url, config } = request.routeOptions
    if (config.disableMetrics === true) return
    this.#durations.record(request.method, url ?? UNMATCHED_PATH, reply.statusCode, durationSeconds, exemplar)
  }

  /** Counts an error that nothing handled. */
  countException(method: string, status: number): void {
    this.#exceptions?.inc({ method: knownMethod(method), status })
  }
}

/**
 * Gives a service what fastify-metrics gives it besides the metrics of requests: `fastify.metrics` with the client, and the route option `disableMetrics`.
 * Its hooks would cost as much as everything else that is recorded (docs/adr/0063). The package's own entry point would load a second
 * copy of the client, whichever client it is given.
 */
function decorateWithFastifyMetrics(fastify: FastifyInstance): void {
  const options = { promClient: prometheusClient, endpoint: null, defaultMetrics: { enabled: false } }
  fastify.decorate(
    'metrics',
    new FastifyMetrics({
      client: prometheusClient,
      fastify,
      options: { ...options, routeMetrics: { enabled: false } },
    }),
  )
}
