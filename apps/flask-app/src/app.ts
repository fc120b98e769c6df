import { STATUS_CODES } from 'node:http'
import type { Telemetry } from '@node-to-cloud/telemetry'
import { fastifyTelemetry } from '@node-to-cloud/telemetry/fastify'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Chaos } from './chaos.ts'
import { FLASK_REQUEST_METRICS, registerExporterInfo, registerHelloCounter } from './hello-metrics.ts'

/** What {@link buildApp} needs. */
export interface AppOptions {
  readonly telemetry: Telemetry
  readonly chaos: Chaos
  /** The value of the label `environment`. */
  readonly environment: string
}

const MAX_BODY_BYTES = 64 * 1024

/**
 * Builds the service, which does not listen yet: `GET /` responds with `Hello World!`, or with the status that chaos
 * chooses.
 */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { telemetry, chaos } = options
  const { logger, registry } = telemetry
  const fastify = Fastify({
    // Requests that arrive on a draining connection are served like any other; Fastify would respond with 503.
    return503OnClosing: false,
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: 30_000,
    keepAliveTimeout: 75_000,
  })
  await fastify.register(fastifyTelemetry, { telemetry, metrics: FLASK_REQUEST_METRICS })
  registerExporterInfo(registry, telemetry.service.version)
  const countHello = registerHelloCounter(registry, options.environment)

  fastify.get('/', (_request, reply) => {
    logger.info('Received hello request !')
    countHello()
    logger.debug('Counter was incremented.')
    const status = chaos()
    if (status === undefined) return reply.type('text/html; charset=utf-8').send('Hello World!')
    return reply
      .code(status)
      .type('text/plain; charset=utf-8')
      .send(`${status} ${STATUS_CODES[status] ?? ''}\n`)
  })
  return fastify
}
