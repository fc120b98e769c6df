import { subscribe } from 'node:diagnostics_channel'
import { IncomingMessage, type ServerResponse } from 'node:http'
import { constants } from 'node:http2'
import { performance } from 'node:perf_hooks'
import type { Span } from '@opentelemetry/api'
import type { FastifyReply, FastifyRequest } from 'fastify'

const IN_FLIGHT: unique symbol = Symbol('the request in flight')

declare module 'node:http' {
  interface ServerResponse {
    [IN_FLIGHT]?: InFlightRequest
  }
}

/**
 * A request from its arrival until it has been answered or its client has left.
 *
 * Fastify's `onResponse` hook also tells when an answer has been sent, but it adds two listeners to each answer and removes them again, which
 * takes longer than all that is recorded. Node's HTTP server announces the end of every answer in one diagnostics channel
 * (https://nodejs.org/api/diagnostics_channel.html#http), except for answers that it has not created, such as those of `inject`, HTTP/2 and
 * upgraded connections; these get a listener.
 */
export class InFlightRequest {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  /** When it arrived, by `performance.now()`. */
  readonly startTimeMs = performance.now()
  /** Its SERVER span, if the service traces. */
  span: Span | undefined = undefined
  /** The route of that span. A handler may hand its request over to another route, as `callNotFound` does. */
  route: string | undefined = undefined
  /** The first error that went through Fastify's error handling and that no status code made an answer of the service. */
  error: Error | undefined = undefined
  readonly #onAnswered: (inFlight: InFlightRequest) => void
  #hasEnded = false

  /**
   * Requires {@link watchAnswers}.
   *
   * @param onAnswered called once, when the last byte of the answer has been handed to the operating system; not when the client left first
   * @param onCancelled called once, instead, when the client has cancelled its HTTP/2 stream
   */
  constructor(
    request: FastifyRequest,
    reply: FastifyReply,
    onAnswered: (inFlight: InFlightRequest) => void,
    onCancelled: (inFlight: InFlightRequest) => void = () => {},
  ) {
    this.request = request
    this.reply = reply
    this.#onAnswered = onAnswered
    reply.raw[IN_FLIGHT] = this
    const { raw } = request
    if (!(raw instanceof IncomingMessage) || raw.headers.upgrade !== undefined)
      reply.raw.once('finish', () => {
        // HTTP/2 announces the end of a stream that its client has cancelled like that of an answer.
        if (!isCancelled(reply.raw)) this.endAnswered()
        else if (this.end()) onCancelled(this)
      })
  }

  /** Ends the request; `false` if it had already ended, since the end of some requests is announced twice. */
  end(): boolean {
    if (this.#hasEnded) return false
    this.#hasEnded = true
    return true
  }

  /** Ends the request as answered. */
  endAnswered(): void {
    if (this.end()) this.#onAnswered(this)
  }

  /** The seconds since the request arrived. */
  elapsedSeconds(): number {
    return (performance.now() - this.startTimeMs) / 1000
  }
}

function isCancelled(response: object): boolean {
  const stream = 'stream' in response ? response.stream : undefined
  return (
    typeof stream === 'object' && stream !== null && 'rstCode' in stream && stream.rstCode === constants.NGHTTP2_CANCEL
  )
}

/** The request that `reply` will answer, or has answered. */
export function inFlightRequestOf(reply: FastifyReply): InFlightRequest | undefined {
  return reply.raw[IN_FLIGHT]
}

let isWatching = false

/** Subscribes to the answers of this process's HTTP servers, once. */
export function watchAnswers(): void {
  if (isWatching) return
  isWatching = true
  subscribe('http.server.response.finish', (message) => {
    // As Node documents the channel.
    const { response } = message as { readonly response: ServerResponse }
    response[IN_FLIGHT]?.endAnswered()
  })
}
