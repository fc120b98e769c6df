import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Logger, traceFields } from '../logs/logger.ts'
import type { Telemetry } from '../telemetry.ts'
import { expectAnswer, forgetAnswer } from './abandoned-requests.ts'
import { InFlightRequest, inFlightRequestOf } from './in-flight-request.ts'
import { RequestLog } from './request-log.ts'
import { DEFAULT_REQUEST_METRICS, RequestMetrics, type RequestMetricsOptions } from './request-metrics.ts'
import { ServerSpans } from './server-spans.ts'

/** What a service records of its requests. */
export interface RequestRecorderOptions {
  readonly telemetry: Telemetry
  readonly metrics?: RequestMetricsOptions
  readonly requestLog?: boolean
}

/**
 * What is recorded of a request, and when:
 *
 * | when | span | log line | metrics |
 * |---|---|---|---|
 * | it arrives | starts | | |
 * | it is answered with 500 or more because of an error | exception event | with its stack | exceptions + 1 |
 * | its answer has been sent | ends with the status code | written | duration and exemplar; requests + 1 |
 * | its client leaves before that | ends as an error | written, with status 499 | |
 *
 * Every request ends once, either answered or abandoned. A route with `config: { disableMetrics: true }` has no metrics. Spans exist where
 * traces are exported, log lines unless `requestLog` is false.
 */
export class RequestRecorder {
  readonly #metrics: RequestMetrics
  readonly #spans: ServerSpans | undefined
  readonly #log: RequestLog | undefined
  readonly #logger: Logger
  /** As Cloud Error Reporting names a service: https://cloud.google.com/error-reporting/docs/formatting-error-messages. */
  readonly #service: { readonly service: string; readonly version: string }

  constructor(fastify: FastifyInstance, options: RequestRecorderOptions) {
    const { telemetry } = options
    const { exporter } = telemetry.tracing.destination
    this.#logger = telemetry.logger
    this.#service = { service: telemetry.service.name, version: telemetry.service.version }
    this.#metrics = new RequestMetrics(fastify, telemetry.registry, options.metrics ?? DEFAULT_REQUEST_METRICS)
    this.#log = (options.requestLog ?? true) ? new RequestLog(telemetry.logger) : undefined
    this.#spans =
      exporter === 'none'
        ? undefined
        : new ServerSpans(telemetry.tracer, {
            contexts: telemetry.tracing.contexts,
            olderAttributes: exporter === 'google_cloud_trace',
          })
  }

  /** Whether anything is recorded of a request whose client leaves before the answer. */
  get recordsAbandoned(): boolean {
    return this.#spans !== undefined || this.#log !== undefined
  }

  /** A request has arrived; `handle` runs its hooks and its handler. */
  begin(request: FastifyRequest, reply: FastifyReply, handle: () => void): void {
    const inFlight = new InFlightRequest(request, reply, this.#onAnswered, this.#onCancelled)
    if (this.recordsAbandoned) expectAnswer(inFlight)
    if (this.#spans === undefined) handle()
    else this.#spans.start(inFlight, handle)
  }

  /** An error was thrown or sent; one that carries a status code is an answer that the service chose. */
  fail(reply: FastifyReply, error: Error & { readonly statusCode?: number }): void {
    const inFlight = inFlightRequestOf(reply)
    if (inFlight !== undefined && error.statusCode === undefined) inFlight.error ??= error
  }

  /** An error that was answered with less than 500 has been handled. */
  #recordException({ request, reply, span, error }: InFlightRequest): void {
    if (error === undefined || reply.statusCode < 500) return
    span?.recordException(error)
    this.#metrics.countException(request.method, reply.statusCode)
    this.#logger.error(
      { ...(span && traceFields(span.spanContext())), serviceContext: this.#service, stack_trace: error.stack },
      error.message,
    )
  }

  /** The last byte of the answer has been handed to the operating system. */
  readonly #onAnswered = (inFlight: InFlightRequest): void => {
    try {
      const durationSeconds = inFlight.elapsedSeconds()
      if (this.recordsAbandoned) forgetAnswer(inFlight)
      this.#recordException(inFlight)
      const exemplar = this.#spans?.end(inFlight, durationSeconds)
      this.#log?.write(inFlight, durationSeconds)
      this.#metrics.observe(inFlight, durationSeconds, exemplar)
    } catch (error) {
      // Node would end the process.
      this.#logger.error({ err: error }, 'An answered request could not be recorded.')
    }
  }

  readonly #onCancelled = (inFlight: InFlightRequest): void => this.abandon(inFlight)

  /** The client left before the answer. */
  abandon(inFlight: InFlightRequest): void {
    this.#spans?.abandon(inFlight)
    this.#log?.writeAbandoned(inFlight)
  }
}
