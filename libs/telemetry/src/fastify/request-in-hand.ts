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
  /** Called when it has been answered. */
  readonly onAnswered: (inHand: RequestInHand) => void

  constructor(request: FastifyRequest, reply: FastifyReply, onAnswered: (inHand: RequestInHand) => void) {
    this.request = request
    this.reply = reply
    this.onAnswered = onAnswered
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
 * (https://nodejs.org/api/diagnostics_channel.html#http). What is no request of Node's HTTP server, as `inject` and HTTP/2 make them, has a listener.
 */
export function takeInHand(
  request: FastifyRequest,
  reply: FastifyReply,
  onAnswered: (inHand: RequestInHand) => void,
): RequestInHand {
  const inHand = new RequestInHand(request, reply, onAnswered)
  reply.raw[IN_HAND] = inHand
  if (!(request.raw instanceof IncomingMessage)) reply.raw.once('finish', () => onAnswered(inHand))
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
    const inHand = response[IN_HAND]
    if (inHand !== undefined) inHand.onAnswered(inHand)
  })
}
