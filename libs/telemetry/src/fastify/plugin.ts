import type { FastifyInstance } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { drainOnShutdown } from '../process/drain.ts'
import { keepTickObjects } from '../process/tick-objects.ts'
import type { Telemetry } from '../telemetry.ts'
import { noAnsweredRequest } from './answered-request.ts'
import { RequestLog } from './request-log.ts'
import { type RequestMetricsOptions, registerRequestMetrics } from './request-metrics.ts'
import { ServerSpans } from './server-span.ts'
import { beginAnswer, endAnswer, watchUnanswered } from './unanswered-requests.ts'

/** What the plugin records of each request. */
export interface FastifyTelemetryOptions {
  readonly telemetry: Telemetry
  readonly metrics?: RequestMetricsOptions
  /** One log line a request; default true. */
  readonly requestLog?: boolean
}

/** The metrics that are made where no names are given. */
export const DEFAULT_REQUEST_METRICS: RequestMetricsOptions = {
  durationName: 'http_server_request_duration_seconds',
  durationBuckets: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
}

/**
 * The Fastify plugin: metrics, a SERVER span and a log line of every request, and a server that drains when the process shuts down. Register it
 * before the routes, in a Fastify made with `return503OnClosing: false`.
 */
export const fastifyTelemetry = fastifyPlugin(
  async (fastify: FastifyInstance, options: FastifyTelemetryOptions) => {
    const { telemetry } = options
    const { exporter } = telemetry.tracing.destination
    keepTickObjects()
    fastify.decorateRequest('telemetrySpan', null)
    fastify.decorateRequest('telemetryRoute', undefined)
    drainOnShutdown(fastify.server, telemetry.shutdown, () => fastify.close())
    const spans =
      exporter === 'none'
        ? undefined
        : new ServerSpans(telemetry.tracer, {
            contexts: telemetry.tracing.contexts,
            olderAttributes: exporter === 'google_cloud_trace',
          })
    const log = (options.requestLog ?? true) ? new RequestLog(telemetry.logger) : undefined
    const answered = noAnsweredRequest()
    const recordsEach = spans !== undefined || log !== undefined
    if (recordsEach) {
      watchUnanswered(fastify.server, (request, reply) => {
        spans?.abandon(request)
        log?.writeAbandoned(request, reply)
      })
      fastify.addHook('onRequest', (request, reply, done) => {
        beginAnswer(reply)
        if (spans === undefined) done()
        else spans.start(request, done)
      })
    }
    if (spans !== undefined) {
      fastify.addHook('onError', (request, _reply, error, done) => {
        spans.recordError(request, error)
        done()
      })
    }
    const metrics = await registerRequestMetrics(
      fastify,
      telemetry.registry,
      options.metrics ?? DEFAULT_REQUEST_METRICS,
      answered,
    )
    fastify.addHook('onResponse', (request, reply, done) => {
      answered.durationSeconds = reply.elapsedTime / 1000
      if (recordsEach) endAnswer(reply)
      spans?.end(request, reply, answered)
      log?.write(request, reply)
      metrics.observe(request, reply)
      done()
    })
  },
  { name: '@node-to-cloud/telemetry', fastify: '5.x' },
)
