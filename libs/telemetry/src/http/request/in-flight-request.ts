import { subscribe } from 'node:diagnostics_channel'
import { IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { constants, Http2ServerResponse, type ServerHttp2Stream } from 'node:http2'
import { performance } from 'node:perf_hooks'
import type { Span } from '@opentelemetry/api'
import type { RecordedRequest } from './recorded-request.ts'

const IN_FLIGHT: unique symbol = Symbol('the request in flight')

declare module 'node:http' {
  interface ServerResponse {
    [IN_FLIGHT]?: InFlightRequest
  }
}

/**
 * How a request ends: `answered`, when the last byte of the response has been handed to the operating system;
 * `abandoned`, when its client left before that; `cut off`, when the service itself aborted the response; `upgraded`,
 * when the connection that it has become, such as a WebSocket, has closed.
 */
export type RequestEnd = 'answered' | 'abandoned' | 'cut off' | 'upgraded'

/**
 * A request from its arrival to its end.
 *
 * Fastify's `onResponse` hook also reports when a response has been sent, but it adds two listeners to each response
 * and removes them again, which takes longer than everything that is recorded. Node's HTTP server announces the end of
 * every response in a diagnostics channel (https://nodejs.org/api/diagnostics_channel.html#http), except for responses
 * that it has not created, such as those of `inject`, HTTP/2 and upgraded connections; these get listeners.
 */
export class InFlightRequest {
  readonly request: RecordedRequest
  readonly response: ServerResponse
  /** When it arrived, by `performance.now()`. */
  readonly startTimeMs = performance.now()
  /** Its SERVER span, if the service traces. */
  span: Span | undefined = undefined
  /** The route of that span. A handler may pass its request on to another route, as `callNotFound` does. */
  route: string | undefined = undefined
  /** The first error in its handling that was not turned into a response by a status code. */
  error: Error | undefined = undefined
  /** The previous request on the same connection, if that had not ended when this one arrived. */
  previous: InFlightRequest | undefined = undefined
  hasEnded = false
  readonly #onEnd: (inFlight: InFlightRequest, end: RequestEnd) => void
  /** Whatever the connection had sent before a request to upgrade it. */
  #sentBefore = 0

  /**
   * Requires {@link watchResponses}.
   *
   * @param onEnd called once
   */
  constructor(
    request: RecordedRequest,
    response: ServerResponse,
    onEnd: (inFlight: InFlightRequest, end: RequestEnd) => void,
  ) {
    this.request = request
    this.response = response
    this.#onEnd = onEnd
    response[IN_FLIGHT] = this
    const { raw } = request
    if (raw instanceof IncomingMessage && !mayBecomeTunnel(raw)) return
    // Requests of `inject` have none.
    this.#sentBefore = raw.socket?.bytesWritten ?? 0
    if (isStream(response)) watchOwnEnd(response)
    response.once('finish', () => this.end(isStream(response) ? this.#endOfStream(response) : 'answered'))
  }

  /** HTTP/2 announces every end of a stream like that of a response. */
  #endOfStream({ stream, writableEnded, [BROKEN_OFF]: isBrokenOff }: StreamResponse): RequestEnd {
    if (writableEnded && (stream?.rstCode ?? 0) === constants.NGHTTP2_NO_ERROR) return 'answered'
    if (isBrokenOff instanceof Error) this.error ??= isBrokenOff
    return isBrokenOff || stream?.[BROKEN_OFF] || this.error !== undefined ? 'cut off' : 'abandoned'
  }

  /** Ends the request, unless it has ended already: the end of some requests is announced twice. */
  end(how: RequestEnd): void {
    if (this.hasEnded) return
    this.hasEnded = true
    this.#onEnd(this, how)
  }

  /**
   * Ends the request because its connection has closed before its response was sent.
   *
   * @param hasTimedOut the server has closed it because of its own time limit
   */
  endWithConnection(hasTimedOut: boolean): void {
    const { raw } = this.request
    const { response } = this
    if (mayBecomeTunnel(raw) && !response.headersSent && raw.socket.bytesWritten > this.#sentBefore) {
      this.end('upgraded')
    } else if (hasTimedOut) {
      this.error ??= new Error('the response took longer than connections may be idle')
      this.end('cut off')
    } else {
      // If the client has left, Node destroys the response later, or earlier if it waits for the response to an earlier
      // request.
      const isCutOff = response.destroyed && response.socket !== null
      if (isCutOff && response.errored) this.error ??= response.errored
      this.end(isCutOff ? 'cut off' : 'abandoned')
    }
  }

  /**
   * Ends the request because its body can't be parsed, or has not arrived in time: the server responds with `status` in
   * place of its handler.
   */
  endUnread(status: number): void {
    this.response.statusCode = status
    this.error = undefined
    this.end('answered')
  }

  /** The seconds since the request arrived. */
  elapsedSeconds(): number {
    return (performance.now() - this.startTimeMs) / 1000
  }
}

/** Whether a request asks for a connection that is no longer HTTP. */
function mayBecomeTunnel({ method, headers }: IncomingMessage): boolean {
  return headers.upgrade !== undefined || method === 'CONNECT'
}

const BROKEN_OFF: unique symbol = Symbol('ended by the service')

interface StreamResponse {
  readonly stream: (Pick<ServerHttp2Stream, 'rstCode' | 'close'> & { [BROKEN_OFF]?: boolean }) | undefined
  readonly writableEnded: boolean
  destroy(error?: Error): unknown
  /** The reason for aborting it, if the service gave one. */
  [BROKEN_OFF]?: Error | true
}

function isStream(response: object): response is StreamResponse {
  return 'stream' in response
}

/**
 * A stream that its client resets ends like one that the service resets; only the service's own calls make the
 * difference.
 */
function watchOwnEnd(response: StreamResponse): void {
  response.destroy = destroyResponse
  if (response.stream !== undefined) response.stream.close = closeStream
}

function destroyResponse(this: StreamResponse, error?: Error): void {
  this[BROKEN_OFF] = error ?? true
  Http2ServerResponse.prototype.destroy.call(this, error)
}

function closeStream(this: NonNullable<StreamResponse['stream']>, code?: number, callback?: () => void): void {
  this[BROKEN_OFF] = true
  Reflect.apply(Object.getPrototypeOf(this).close, this, [code, callback])
}

/** The request that `response` will answer, or has answered. */
export function inFlightRequestOf(response: ServerResponse): InFlightRequest | undefined {
  return response[IN_FLIGHT]
}

/** The message in Node's channel: https://nodejs.org/api/diagnostics_channel.html#event-httpserverresponsefinish */
interface FinishMessage {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly server: Server
}

/** Called with the request and the response when a request was answered that is not being recorded. */
export type UnrecordedListener = (request: IncomingMessage, response: ServerResponse) => void

const unrecorded = new WeakMap<object, UnrecordedListener>()
let isWatching = false

/** Subscribes to the responses of this process's HTTP servers, once. */
export function watchResponses(): void {
  if (isWatching) return
  isWatching = true
  subscribe('http.server.response.finish', (message) => {
    // As Node documents the channel.
    const { request, response, server } = message as FinishMessage
    const inFlight = response[IN_FLIGHT]
    if (inFlight === undefined) unrecorded.get(server)?.(request, response)
    else inFlight.end('answered')
  })
}

/**
 * Calls `listener` for each response of `server` to a request that is not in flight here, such as those that routers
 * send by themselves.
 */
export function watchUnrecorded(server: object, listener: UnrecordedListener): void {
  unrecorded.set(server, listener)
}
