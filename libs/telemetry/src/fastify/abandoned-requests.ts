import type { Server, Socket } from 'node:net'
import type { InFlightRequest } from './in-flight-request.ts'

const UNANSWERED: unique symbol = Symbol('the unanswered request')

declare module 'node:net' {
  interface Socket {
    /** The newest request of this connection that has no answer yet. */
    [UNANSWERED]?: InFlightRequest | undefined
  }
}

/**
 * Finds the requests whose client leaves before the answer, which nothing else announces. A connection remembers its newest request; a
 * listener for each request would cost more than the attributes of its span.
 *
 * @param server Fastify's
 * @param onAbandoned called once for each such request, when its connection has closed
 */
export function watchAbandonedRequests(server: Server, onAbandoned: (inFlight: InFlightRequest) => void): void {
  const watch = (socket: Socket) => {
    socket[UNANSWERED] = undefined
    socket.once('close', () => {
      const inFlight = socket[UNANSWERED]
      if (inFlight === undefined) return
      socket[UNANSWERED] = undefined
      if (inFlight.end()) onAbandoned(inFlight)
    })
  }
  server.on('connection', watch)
  server.on('secureConnection', watch)
}

/** The connection of `inFlight` now waits for its answer. */
export function expectAnswer(inFlight: InFlightRequest): void {
  inFlight.request.raw.socket[UNANSWERED] = inFlight
}

/** The request has been answered. */
export function forgetAnswer(inFlight: InFlightRequest): void {
  const { socket } = inFlight.request.raw
  if (socket[UNANSWERED] === inFlight) socket[UNANSWERED] = undefined
}
