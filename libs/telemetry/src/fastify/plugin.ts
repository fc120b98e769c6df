import type { FastifyInstance } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { drainOnShutdown } from '../process/drain.ts'
import { keepTickObjects } from '../process/tick-objects.ts'
import type { Telemetry } from '../telemetry.ts'
import { noAnsweredRequest } from './answered-request.ts'
import { inHandOf, type RequestInHand, takeInHand, watchAnswers } from './request-in-hand.ts'
import { RequestLog } from './request-log.ts'
import { type RequestMetricsOptions, registerRequestMetrics } from './request-metrics.ts'
import { ServerSpans } from './server-span.ts'
import { beginAnswer, endAnswer, watchUnanswered } from './unanswered-requests.ts'

const NAME = '@node-to-cloud/telemetry'
const REGISTERED: unique symbol = Symbol(NAME)

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
 * first, since it sees no request that an earlier `onRequest` hook answers, in a Fastify made with `return503OnClosing: false`.
 */
export const fastifyTelemetry = fastifyPlugin(
  async (fastify: FastifyInstance, options: FastifyTelemetryOptions) => {
    if (fastify.hasDecorator(REGISTERED)) {
      throw new RangeError(
        `${NAME} is registered already, in this Fastify or in one around it: register it once, where it sees every request`,
      )
    }
    fastify.decorate(REGISTERED, true)
    const { telemetry } = options
    const { exporter } = telemetry.tracing.destination
    keepTickObjects()
    watchAnswers()
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
    const metrics = await registerRequestMetrics(
      fastify,
      telemetry.registry,
      options.metrics ?? DEFAULT_REQUEST_METRICS,
      answered,
    )
    const recordsEach = spans !== undefined || log !== undefined
    const onAnswered = (inHand: RequestInHand) => {
      try {
        answered.durationSeconds = inHand.elapsedSeconds()
        if (recordsEach) endAnswer(inHand)
        spans?.end(inHand, answered)
        log?.write(inHand, answered.durationSeconds)
        metrics.observe(inHand.request, inHand.reply)
      } catch (error) {
        // Node would end the process.
        telemetry.logger.error({ err: error }, 'A request that was answered could not be recorded.')
      }
    }
    fastify.addHook('onRequest', (request, reply, done) => {
      const inHand = takeInHand(request, reply, onAnswered)
      if (recordsEach) beginAnswer(inHand)
      if (spans === undefined) done()
      else spans.start(inHand, done)
    })
    if (recordsEach) {
      watchUnanswered(fastify.server, (inHand) => {
        spans?.abandon(inHand)
        log?.writeAbandoned(inHand)
      })
    }
    if (spans !== undefined) {
      fastify.addHook('onError', (_request, reply, error, done) => {
        spans.recordError(inHandOf(reply), error)
        done()
      })
    }
  },
  { name: NAME, fastify: '5.x' },
)
