import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { type Logger, traceFields } from '../logs/logger.ts'
import { sendsExponentialHistograms } from '../process/signal-environment.ts'
import type { Telemetry } from '../telemetry.ts'
import { addUnanswered, removeUnanswered } from './abandoned-requests.ts'
import { InFlightRequest, inFlightRequestOf, type RequestEnd } from './request/in-flight-request.ts'
import { PlainRequest } from './request/plain-request.ts'
import type { RecordedRequest } from './request/recorded-request.ts'
import { RequestLog } from './request-log.ts'
import { DEFAULT_REQUEST_METRICS, RequestMetrics, type RequestMetricsOptions } from './request-metrics.ts'
import { ServerSpans } from './server-spans.ts'
import { exceptionOf } from './thrown.ts'

/** What a service records of its requests. */
export interface RequestRecorderOptions {
  readonly telemetry: Telemetry
  /** What is left out is as in {@link DEFAULT_REQUEST_METRICS}. */
  readonly metrics?: Partial<RequestMetricsOptions>
  /** Writes one log line per request; default true. */
  readonly requestLog?: boolean
}

const SWITCHING_PROTOCOLS = 101

/**
 * What is recorded of a request, and when:
 *
 * | when | span | log line | metrics |
 * |---|---|---|---|
 * | it arrives | starts | | |
 * | an error causes a response of 500 or higher, or cuts it off | exception event | with its stack | exceptions + 1 |
 * | its response has been sent, or was cut off by the service | ends with the status code | written | duration and exemplar; requests + 1 |
 * | its client leaves before that | ends as an error | written, with status 499 | |
 * | the WebSocket that it has become is closed | ends with 101 | written, with status 101 | |
 *
 * Every request ends once. A route with `config: { disableMetrics: true }` has no metrics. Spans exist if traces are
 * exported, log lines unless `requestLog` is false.
 */
export class RequestRecorder {
  readonly #metrics: RequestMetrics
  readonly #spans: ServerSpans | undefined
  readonly #log: RequestLog | undefined
  readonly #logger: Logger
  readonly #hasExemplars: boolean
  /**
   * How Cloud Error Reporting identifies a service:
   * https://cloud.google.com/error-reporting/docs/formatting-error-messages.
   */
  readonly #service: { readonly service: string; readonly version: string }

  constructor(options: RequestRecorderOptions) {
    const { telemetry } = options
    const { exporter } = telemetry.tracing.destination
    this.#logger = telemetry.logger
    this.#hasExemplars = telemetry.environment.OTEL_METRICS_EXEMPLAR_FILTER !== 'always_off'
    this.#service = { service: telemetry.service.name, version: telemetry.service.version }
    this.#metrics = RequestMetrics.of(
      telemetry.registry,
      { ...DEFAULT_REQUEST_METRICS, ...options.metrics },
      sendsExponentialHistograms(telemetry.environment),
    )
    this.#log = (options.requestLog ?? true) ? new RequestLog(telemetry.logger) : undefined
    this.#spans =
      exporter === 'none'
        ? undefined
        : new ServerSpans(telemetry.tracer, {
            tracing: telemetry.tracing,
            olderAttributes: exporter === 'google_cloud_trace',
          })
  }

  /** A request has arrived; `handle` runs its hooks and its handler. */
  begin(request: RecordedRequest, response: ServerResponse, handle: () => void): void {
    const inFlight = new InFlightRequest(request, response, this.#onEnd)
    addUnanswered(inFlight)
    if (this.#spans === undefined) handle()
    else this.#spans.run(inFlight, handle)
  }

  /** Something was thrown, or an error sent. */
  fail(response: ServerResponse, thrown: unknown): void {
    const inFlight = inFlightRequestOf(response)
    if (inFlight !== undefined) inFlight.error ??= exceptionOf(thrown)
  }

  /** Records a request that was answered before it could {@link begin}. */
  recordAnswered(request: IncomingMessage, response: ServerResponse): void {
    const inFlight = new InFlightRequest(new PlainRequest(request), response, this.#onEnd)
    this.#spans?.start(inFlight)
    inFlight.end('answered')
  }

  /** Records a request that Node could not parse, and that is answered with `status`. */
  recordMalformed(status: number, reason: string, socket: Socket): void {
    this.#log?.writeMalformed(status, reason, socket.remoteAddress)
    this.#metrics.observeMalformed(status)
  }

  readonly #onEnd = (inFlight: InFlightRequest, end: RequestEnd): void => {
    try {
      removeUnanswered(inFlight)
      if (end === 'answered') this.#recordResponse(inFlight)
      else if (end === 'cut off') this.#recordCutOff(inFlight)
      else if (end === 'upgraded') this.#recordUpgrade(inFlight)
      else {
        this.#spans?.abandon(inFlight)
        this.#log?.writeAbandoned(inFlight)
      }
    } catch (error) {
      // Otherwise Node would end the process.
      this.#logger.error({ err: error }, 'A request could not be recorded.')
    }
  }

  /** An error answered with a status below 500 has been handled. */
  #recordResponse(inFlight: InFlightRequest): void {
    const { response, error } = inFlight
    const durationSeconds = inFlight.elapsedSeconds()
    const { statusCode } = response
    if (error !== undefined && statusCode >= 500) this.#recordException(inFlight, error, statusCode)
    const exemplar = this.#spans?.end(inFlight, durationSeconds, statusCode)
    this.#log?.write(inFlight, statusCode, durationSeconds)
    this.#metrics.observe(inFlight, durationSeconds, this.#hasExemplars ? exemplar : undefined)
  }

  /**
   * The client has seen the status that was sent, if any; as an exception it counts with the status that it would have
   * had before the headers were sent.
   */
  #recordCutOff(inFlight: InFlightRequest): void {
    const { response } = inFlight
    const error = inFlight.error ?? new Error('the service aborted its response')
    const durationSeconds = inFlight.elapsedSeconds()
    if (!response.headersSent) response.statusCode = Math.max(response.statusCode, 500)
    const { statusCode } = response
    this.#recordException(inFlight, error, Math.max(statusCode, 500))
    const exemplar = this.#spans?.end(inFlight, durationSeconds, statusCode, error)
    this.#log?.write(inFlight, statusCode, durationSeconds)
    this.#metrics.observe(inFlight, durationSeconds, this.#hasExemplars ? exemplar : undefined)
  }

  #recordUpgrade(inFlight: InFlightRequest): void {
    const durationSeconds = inFlight.elapsedSeconds()
    const status = inFlight.request.method === 'CONNECT' ? 200 : SWITCHING_PROTOCOLS
    this.#spans?.end(inFlight, durationSeconds, status)
    this.#log?.write(inFlight, status, durationSeconds)
  }

  #recordException({ request, span }: InFlightRequest, error: Error, status: number): void {
    span?.recordException(error)
    this.#metrics.countException(request.method, status)
    this.#logger.error(
      { ...(span && traceFields(span.spanContext())), serviceContext: this.#service, stack_trace: error.stack },
      error.message,
    )
  }
}
