import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { Server } from 'node:net'
import type { FastifyInstance } from 'fastify'

/** https://nodejs.org/api/diagnostics_channel.html#event-tracingnetserverlistenasyncstart */
const LISTEN_CHANNEL = 'tracing:net.server.listen:asyncStart'

/**
 * Calls `watch` with the server of a Fastify instance, and with each additional one before it listens: on localhost
 * Fastify opens a server for each of its addresses, with the same request handler.
 */
export function eachServer(fastify: FastifyInstance, watch: (server: Server) => void): void {
  const main = fastify.server
  const [handler] = main.listeners('request')
  const watched = new WeakSet<Server>([main])
  watch(main)
  const onListen = (message: unknown) => {
    const server = typeof message === 'object' && message !== null && 'server' in message ? message.server : undefined
    if (!(server instanceof Server) || watched.has(server) || !server.listeners('request').includes(handler ?? watch))
      return
    watched.add(server)
    watch(server)
  }
  subscribe(LISTEN_CHANNEL, onListen)
  fastify.addHook('onClose', async () => unsubscribe(LISTEN_CHANNEL, onListen))
}
