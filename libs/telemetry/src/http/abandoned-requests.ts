import type { Server, Socket } from 'node:net'
import { rememberParser } from '../node-internals/parser-callback.ts'
import type { InFlightRequest } from './request/in-flight-request.ts'

const UNANSWERED: unique symbol = Symbol('the unanswered request')
const TIMED_OUT: unique symbol = Symbol('whether the connection has been idle for longer than the server allows')

declare module 'node:net' {
  interface Socket {
    /** The newest request of this connection that has no response yet. */
    [UNANSWERED]?: InFlightRequest | undefined
    [TIMED_OUT]?: true
  }
}

/**
 * Ends the requests whose connection closes before the response, which nothing else reports. A connection remembers its
 * newest request, and that one remembers the previous one; a listener for each request would cost more than the
 * attributes of its span.
 */
export function watchConnections(server: Server): void {
  const watch = (socket: Socket) => {
    socket[UNANSWERED] = undefined
    rememberParser(socket)
    socket.once('timeout', () => {
      socket[TIMED_OUT] = true
    })
    socket.once('close', () => {
      const unanswered: InFlightRequest[] = []
      for (let inFlight = socket[UNANSWERED]; inFlight !== undefined; inFlight = inFlight.previous)
        unanswered.push(inFlight)
      socket[UNANSWERED] = undefined
      for (const inFlight of unanswered.reverse()) inFlight.endWithConnection(socket[TIMED_OUT] === true)
    })
  }
  server.on('connection', watch)
  server.on('secureConnection', watch)
}

/** The request that a connection is still reading; undefined if it has read the newest one completely. */
export function requestBeingRead(socket: Socket): InFlightRequest | undefined {
  const newest = socket[UNANSWERED]
  return newest?.request.raw.complete === false ? newest : undefined
}

/** Records that the connection of a request waits for its response. */
export function addUnanswered(inFlight: InFlightRequest): void {
  const { socket } = inFlight.request.raw
  const previous = socket[UNANSWERED]
  if (previous !== undefined) inFlight.previous = previous
  socket[UNANSWERED] = inFlight
}

/** Records that the connection of a request no longer waits for its response. */
export function removeUnanswered(inFlight: InFlightRequest): void {
  const { socket } = inFlight.request.raw
  const newest = socket[UNANSWERED]
  if (newest === inFlight) {
    socket[UNANSWERED] = inFlight.previous
    return
  }
  // Pipelined requests are answered in order.
  for (let later = newest; later !== undefined; later = later.previous) {
    if (later.previous !== inFlight) continue
    later.previous = inFlight.previous
    return
  }
}
