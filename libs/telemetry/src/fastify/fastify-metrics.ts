import type { FastifyInstance } from 'fastify'
import type {} from 'fastify-metrics'
import { FastifyMetrics } from 'fastify-metrics/dist/fastify-metrics.js'
import { prometheusClient } from '../metrics/client.ts'

/**
 * Provides what fastify-metrics offers besides the metrics of requests: `fastify.metrics` with the client, and the
 * route option `disableMetrics`. Its hooks would cost as much as everything else that is recorded (docs/adr/0063). The
 * package's own entry point would load a second copy of the client, whichever client it is given.
 */
export function decorateWithFastifyMetrics(fastify: FastifyInstance): void {
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
