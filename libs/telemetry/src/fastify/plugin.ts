import type { IncomingMessage } from 'node:http'
import type { Server } from 'node:net'
import type { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { recordServer, toOriginForm } from '../http/recorded-server.ts'
import { RequestRecorder, type RequestRecorderOptions } from '../http/request-recorder.ts'
import { keepTickObjects } from '../node-internals/tick-objects.ts'
import { Drain } from '../process/drain.ts'
import { decorateWithFastifyMetrics } from './fastify-metrics.ts'
import { eachServer } from './listening-servers.ts'

const NAME = '@node-to-cloud/telemetry'
const REGISTERED: unique symbol = Symbol(NAME)

/** What the plugin records of each request. */
export type FastifyTelemetryOptions = RequestRecorderOptions

/**
 * The Fastify plugin: metrics, a SERVER span and a log line for every request, and a server that drains when the
 * process shuts down. {@link RequestRecorder} describes what is recorded of a request, and when. Several instances may
 * share one telemetry.
 *
 * Register it first: a request that an earlier `onRequest` hook answers has no route and no duration. Create Fastify
 * with `return503OnClosing: false`.
 *
 * @throws {RangeError} if it is already registered, or another instance has registered metrics of the same name with
 * other options
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
    const drain = new Drain()
    options.telemetry.shutdown.add('HTTP server', async () => {
      drain.announce()
      // Runs the `preClose` hooks, then the server's `close()`, which drains, then the `onClose` hooks.
      await fastify.close()
    })

    const recorder = new RequestRecorder(options)
    decorateWithFastifyMetrics(fastify)
    fastify.addHook('onRequest', (request, reply, done) => recorder.begin(request, reply.raw, done))
    fastify.addHook('onError', (_request, reply, error, done) => {
      recorder.fail(reply.raw, error)
      done()
    })
    // Once the headers have been sent, Fastify reports to nobody that the stream of a response fails.
    fastify.addHook('onSend', (_request, reply, payload, done) => {
      if (isReadable(payload)) payload.once('error', (error) => recorder.fail(reply.raw, error))
      done()
    })
    eachServer(fastify, (server) => {
      drain.watch(server)
      recordServer(server, recorder)
      routeByOriginForm(server)
    })
  },
  { name: NAME, fastify: '5.x' },
)

function isReadable(payload: unknown): payload is Readable {
  return typeof payload === 'object' && payload !== null && 'pipe' in payload && 'once' in payload
}

/** Replaces the server's listeners, since an additional one would cost each request more. */
function routeByOriginForm(server: Server): void {
  for (const listener of server.listeners('request')) {
    server.off('request', listener as () => void)
    server.on('request', function (this: Server, request: IncomingMessage, response: unknown) {
      toOriginForm(request)
      return Reflect.apply(listener, this, [request, response])
    })
  }
}
