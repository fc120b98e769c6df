import type { FastifyInstance } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { keepTickObjects } from '../node-internals/tick-objects.ts'
import { Drain } from '../process/drain.ts'
import type { Telemetry } from '../telemetry.ts'
import { watchAbandonedRequests } from './abandoned-requests.ts'
import { watchAnswers } from './in-flight-request.ts'
import { eachServer } from './listening-servers.ts'
import type { RequestMetricsOptions } from './request-metrics.ts'
import { RequestRecorder } from './request-recorder.ts'

const NAME = '@node-to-cloud/telemetry'
const REGISTERED: unique symbol = Symbol(NAME)

/** What the plugin records of each request. */
export interface FastifyTelemetryOptions {
  readonly telemetry: Telemetry
  /** Default {@link DEFAULT_REQUEST_METRICS}. */
  readonly metrics?: RequestMetricsOptions
  /** Writes one log line per request; default true. */
  readonly requestLog?: boolean
}

/**
 * The Fastify plugin: metrics, a SERVER span and a log line for every request, and a server that drains when the process shuts down. What
 * is recorded of a request, and when, is decided by {@link RequestRecorder}.
 *
 * Register it first: it does not see requests that an earlier `onRequest` hook answers. Create Fastify with `return503OnClosing: false`.
 *
 * @throws {RangeError} when it is already registered
 */
export const fastifyTelemetry = fastifyPlugin(
  async (fastify: FastifyInstance, options: FastifyTelemetryOptions) => {
    if (fastify.hasDecorator(REGISTERED)) {
      throw new RangeError(
        `${NAME} is already registered on this Fastify instance or its parent: register it once, where it sees every request`,
      )
    }
    fastify.decorate(REGISTERED, true)
    keepTickObjects()
    watchAnswers()
    const drain = new Drain()
    options.telemetry.shutdown.add('HTTP server', async () => {
      drain.announce()
      // Runs the hooks `preClose`, then `close()` of the server, which drains, then the hooks `onClose`.
      await fastify.close()
    })

    const recorder = new RequestRecorder(fastify, options)
    fastify.addHook('onRequest', (request, reply, done) => recorder.begin(request, reply, done))
    fastify.addHook('onError', (_request, reply, error, done) => {
      recorder.fail(reply, error)
      done()
    })
    eachServer(fastify, (server) => {
      drain.watch(server)
      if (recorder.recordsAbandoned) watchAbandonedRequests(server, (inFlight) => recorder.abandon(inFlight))
    })
  },
  { name: NAME, fastify: '5.x' },
)
