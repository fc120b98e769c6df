import { subscribe } from 'node:diagnostics_channel'
import { IncomingMessage, type ServerResponse } from 'node:http'
import { performance } from 'node:perf_hooks'
import type { Span } from '@opentelemetry/api'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** A request from its arrival until it has been answered or its client has gone. */
export class RequestInHand {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  /** When it arrived, by `performance.now()`. */
  readonly startTimeMs = performance.now()
  /** Its SERVER span, where the service traces. */
  span: Span | undefined = undefined
  /** The route of that span. A handler may hand its request on to another route, as `callNotFound` does. */
  route: string | undefined = undefined
  readonly #onAnswered: (inHand: RequestInHand) => void
  #isOver = false

  constructor(request: FastifyRequest, reply: FastifyReply, onAnswered: (inHand: RequestInHand) => void) {
    this.request = request
    this.reply = reply
    this.#onAnswered = onAnswered
  }

  /** Takes down that it has been answered or its client has gone. Gives whether that is news: of some it is announced twice. */
  end(): boolean {
    if (this.#isOver) return false
    this.#isOver = true
    return true
  }

  /** Takes down that it has been answered, and tells of it. */
  endAnswered(): void {
    if (this.end()) this.#onAnswered(this)
  }

  /** The seconds since it arrived. */
  elapsedSeconds(): number {
    return (performance.now() - this.startTimeMs) / 1000
  }
}

const IN_HAND: unique symbol = Symbol('the request in hand')

declare module 'node:http' {
  interface ServerResponse {
    [IN_HAND]?: RequestInHand
  }
}

/**
 * Takes a request in hand that has just arrived: `onAnswered` is called once when the last byte of its answer has been handed to the system.
 *
 * Fastify's `onResponse` tells the same by two listeners on each answer, which it adds and removes, and that takes longer than all that is to be done
 * then. Node's HTTP server announces the end of each answer in one place, for all of them
 * (https://nodejs.org/api/diagnostics_channel.html#http). It does not where it has not made the answer, as for `inject`, HTTP/2 and the upgrade of a
 * connection; these have a listener.
 */
export function takeInHand(
  request: FastifyRequest,
  reply: FastifyReply,
  onAnswered: (inHand: RequestInHand) => void,
): RequestInHand {
  const inHand = new RequestInHand(request, reply, onAnswered)
  reply.raw[IN_HAND] = inHand
  const { raw } = request
  if (!(raw instanceof IncomingMessage) || raw.headers.upgrade !== undefined)
    reply.raw.once('finish', () => inHand.endAnswered())
  return inHand
}

/** The request in hand that `reply` will answer, or has answered. */
export function inHandOf(reply: FastifyReply): RequestInHand | undefined {
  return reply.raw[IN_HAND]
}

let isWatching = false

/** Watches the answers of this process's HTTP servers; {@link takeInHand} needs it. */
export function watchAnswers(): void {
  if (isWatching) return
  isWatching = true
  subscribe('http.server.response.finish', (message) => {
    // As Node documents the channel.
    const { response } = message as { readonly response: ServerResponse }
    response[IN_HAND]?.endAnswered()
  })
}
