import type { Server, Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'

const IN_HAND: unique symbol = Symbol('the request in hand')

declare module 'node:net' {
  interface Socket {
    /** The answer that the client of this connection waits for. */
    [IN_HAND]?: FastifyReply | undefined
  }
}

/**
 * Finds the requests whose client goes before the answer: Fastify calls no `onResponse` for them. A connection remembers the newest request that it has in
 * hand, which is all of them but where a client sends the next one before an answer; a listener on each request would cost more than its span's attributes.
 *
 * @param server - Fastify's
 * @param abandon - told of each such request when its connection has closed
 */
export function watchUnanswered(server: Server, abandon: (request: FastifyRequest, reply: FastifyReply) => void): void {
  const watch = (socket: Socket) => {
    socket[IN_HAND] = undefined
    socket.once('close', () => {
      const reply = socket[IN_HAND]
      if (reply === undefined) return
      socket[IN_HAND] = undefined
      abandon(reply.request, reply)
    })
  }
  server.on('connection', watch)
  server.on('secureConnection', watch)
}

/** Takes down that the connection of `reply` waits for it. */
export function beginAnswer(reply: FastifyReply): void {
  reply.request.raw.socket[IN_HAND] = reply
}

/** Takes down that it has been answered. */
export function endAnswer(reply: FastifyReply): void {
  const { socket } = reply.request.raw
  if (socket[IN_HAND] === reply) socket[IN_HAND] = undefined
}
