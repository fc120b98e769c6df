import type { Server, Socket } from 'node:net'
import type { RequestInHand } from './request-in-hand.ts'

const WAITED_FOR: unique symbol = Symbol('the request that is waited for')

declare module 'node:net' {
  interface Socket {
    /** The request that the client of this connection waits to have answered. */
    [WAITED_FOR]?: RequestInHand | undefined
  }
}

/**
 * Finds the requests whose client goes before the answer, which nothing else announces. A connection remembers the newest request that it has in
 * hand, which is all of them but where a client sends the next one before an answer; a listener on each request would cost more than its span's attributes.
 *
 * @param server - Fastify's
 * @param abandon - told of each such request when its connection has closed
 */
export function watchUnanswered(server: Server, abandon: (inHand: RequestInHand) => void): void {
  const watch = (socket: Socket) => {
    socket[WAITED_FOR] = undefined
    socket.once('close', () => {
      const inHand = socket[WAITED_FOR]
      if (inHand === undefined) return
      socket[WAITED_FOR] = undefined
      if (inHand.end()) abandon(inHand)
    })
  }
  server.on('connection', watch)
  server.on('secureConnection', watch)
}

/** Takes down that the connection of `inHand` waits for its answer. */
export function beginAnswer(inHand: RequestInHand): void {
  inHand.request.raw.socket[WAITED_FOR] = inHand
}

/** Takes down that it has been answered. */
export function endAnswer(inHand: RequestInHand): void {
  const { socket } = inHand.request.raw
  if (socket[WAITED_FOR] === inHand) socket[WAITED_FOR] = undefined
}
