import { STATUS_CODES } from 'node:http'
import { type IExporterTransport, OTLPExporterError } from '@opentelemetry/otlp-exporter-base'
import type { Dispatcher } from 'undici'

/** How a request ended, in OpenTelemetry's form. */
export type ExportResponse = Awaited<ReturnType<IExporterTransport['send']>>

/** The maximum size of a response, as in OpenTelemetry's own transport. */
const MAX_RESPONSE_BYTES = 4 * 1024 * 1024

/** https://opentelemetry.io/docs/specs/otlp/#retryable-response-codes */
const RETRYABLE_STATUSES = new Set([429, 502, 503, 504])

const RETRYABLE_ERRORS = new Set([
  ...['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN', 'ENOTFOUND', 'ENETUNREACH', 'EHOSTUNREACH'],
  ...['UND_ERR_SOCKET', 'UND_ERR_CONNECT_TIMEOUT'],
])

type Controller = Dispatcher.DispatchController

/** One request to a collector and its response, as a handler for undici. */
export class OtlpExchange implements Dispatcher.DispatchHandler {
  readonly #resolve: (response: ExportResponse) => void
  readonly #deadline: NodeJS.Timeout
  readonly #chunks: Buffer[] = []
  #controller: Controller | undefined
  #abortReason: Error | undefined
  #status = 0
  #retryAfter: string | undefined
  #bytes = 0

  constructor(timeoutMs: number, resolve: (response: ExportResponse) => void) {
    this.#resolve = resolve
    this.#deadline = setTimeout(() => {
      const error = new Error(`the collector did not answer within ${Math.round(timeoutMs)} ms`)
      this.#settle({ status: 'failure', error })
      this.#abort(error)
    }, timeoutMs)
  }

  #abort(error: Error): void {
    this.#abortReason = error
    this.#controller?.abort(error)
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller
    if (this.#abortReason !== undefined) controller.abort(this.#abortReason)
  }

  onResponseStart(
    _controller: Controller,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    this.#status = status
    this.#retryAfter = headers['retry-after']?.toString()
  }

  onResponseData(_controller: Controller, chunk: Buffer): void {
    this.#bytes += chunk.length
    if (this.#bytes <= MAX_RESPONSE_BYTES) this.#chunks.push(chunk)
    else this.#abort(new Error(`the collector's response is longer than ${MAX_RESPONSE_BYTES} bytes`))
  }

  onResponseEnd(): void {
    this.#settle(this.#response())
  }

  onResponseError(_controller: unknown, error: Error): void {
    // A response that is cut off counts: spans that the collector has accepted must not be sent again.
    if (this.#abortReason === undefined && this.#status !== 0) {
      this.#settle(this.#response())
      return
    }
    const code = 'code' in error ? error.code : undefined
    const isRetryable = this.#abortReason === undefined && typeof code === 'string' && RETRYABLE_ERRORS.has(code)
    this.#settle(isRetryable ? retryable(error) : { status: 'failure', error })
  }

  #response(): ExportResponse {
    const status = this.#status
    const data = Buffer.concat(this.#chunks)
    if (status >= 200 && status < 300) return { status: 'success', data }
    const error = new OTLPExporterError(`${status} ${STATUS_CODES[status] ?? ''}`, status, data.toString())
    return RETRYABLE_STATUSES.has(status) ? retryable(error, this.#retryAfter) : { status: 'failure', error }
  }

  #settle(response: ExportResponse): void {
    clearTimeout(this.#deadline)
    this.#resolve(response)
  }
}

/** @param retryAfter - the header: seconds or a date, https://www.rfc-editor.org/rfc/rfc9110#field.retry-after */
function retryable(error: Error, retryAfter?: string): ExportResponse {
  if (retryAfter === undefined) return { status: 'retryable', error }
  const seconds = Number(retryAfter)
  const waitMs = Number.isNaN(seconds) ? Date.parse(retryAfter) - Date.now() : seconds * 1000
  return Number.isNaN(waitMs)
    ? { status: 'retryable', error }
    : { status: 'retryable', error, retryInMillis: Math.max(0, waitMs) }
}
