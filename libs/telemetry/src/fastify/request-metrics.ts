import type { FastifyInstance } from 'fastify'
import fastifyMetrics from 'fastify-metrics'
import { Counter, type HistogramConfiguration, prometheusClient, Registry } from '../metrics/client.ts'
import type { AnsweredRequest } from './answered-request.ts'
import { knownMethod } from './known-method.ts'
import { MetricsHooks } from './metrics-hooks.ts'
import { RequestDurationHistogram, type RequestLabel } from './request-duration-histogram.ts'

/** The names of the metrics of a service's requests; a metric without a name is not made. */
export interface RequestMetricsOptions {
  /** The histogram `{method, path, status}` of durations, in seconds. */
  readonly durationName: string
  readonly durationBuckets: readonly number[]
  /** The counter `{method, status}` of requests. */
  readonly requestsName?: string
  /** The counter `{method, status}` of requests that ended in an error that nothing handled. */
  readonly exceptionsName?: string
}

/** The value of the label `path` that all requests share for which there is no route. */
export const UNMATCHED_PATH = 'unmatched'

/**
 * Registers the metrics of every request of `fastify` in `registry`: fastify-metrics observes the durations.
 *
 * @param answered - the request that is observed is described here
 * @returns fastify-metrics' hooks; they have to be called for each request that has been answered
 */
export async function registerRequestMetrics(
  fastify: FastifyInstance,
  registry: Registry,
  options: RequestMetricsOptions,
  answered: AnsweredRequest,
): Promise<MetricsHooks> {
  let durations: RequestDurationHistogram | undefined
  class Histogram extends RequestDurationHistogram {
    constructor(configuration: HistogramConfiguration<RequestLabel>) {
      super(configuration, answered)
      durations = this
    }
  }
  const hooks = new MetricsHooks(answered)
  // Its types say that it ends by a callback; it ends by a promise.
  const observe: (...parameters: Parameters<typeof fastifyMetrics.default>) => unknown = fastifyMetrics.default
  await observe(
    hooks.takeFrom(fastify),
    {
      endpoint: null,
      // Its public option: the client's own histogram takes three times as long for an observation.
      promClient: { ...prometheusClient, Histogram } as typeof prometheusClient,
      defaultMetrics: { enabled: false },
      routeMetrics: {
        enabled: { histogram: true, summary: false },
        registeredRoutesOnly: false,
        invalidRouteGroup: UNMATCHED_PATH,
        methodBlacklist: [],
        overrides: {
          labels: {
            method: 'method',
            route: 'path',
            status: 'status',
            getRouteLabel: ({ routeOptions }) => routeOptions.url ?? UNMATCHED_PATH,
          },
          histogram: {
            name: options.durationName,
            help: 'Duration of requests in seconds',
            buckets: [...options.durationBuckets],
            registers: [registry],
          },
          // The plugin makes its summary even where it is off; nobody reads this registry.
          summary: { registers: [new Registry()] },
        },
      },
    },
    () => {},
  )
  hooks.assertTaken()
  if (options.requestsName !== undefined && durations) countRequests(durations, registry, options.requestsName)
  if (options.exceptionsName !== undefined) countExceptions(fastify, registry, options.exceptionsName)
  return hooks
}

/** Every request is observed with its duration, so their number is read from there when it is asked for. */
function countRequests(durations: RequestDurationHistogram, registry: Registry, name: string): void {
  new Counter({
    name,
    help: 'Requests answered',
    labelNames: ['method', 'status'],
    registers: [registry],
    collect() {
      this.reset()
      for (const { method, status, count } of durations.countsByMethodAndStatus()) this.inc({ method, status }, count)
    },
  })
}

function countExceptions(fastify: FastifyInstance, registry: Registry, name: string): void {
  const counter = new Counter({
    name,
    help: 'Requests that ended in an exception that nothing handled',
    labelNames: ['method', 'status'],
    registers: [registry],
  })
  fastify.addHook('onError', (request, _reply, error, done) => {
    if (error.statusCode === undefined) counter.inc({ method: knownMethod(request.method), status: 500 })
    done()
  })
}
