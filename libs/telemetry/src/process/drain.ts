import { type Server, ServerResponse } from 'node:http'
import { Server as NetServer, type Socket } from 'node:net'
import { untilNobodyWaits } from '../node-internals/accept-queue.ts'
import type { Shutdown } from './shutdown.ts'

/** How long a server drains. */
export interface DrainOptions {
  /** A keep-alive connection on which no request comes for this long is closed; default 2 s. */
  readonly idleTimeoutMs?: number
}

/** The drain of one HTTP server. */
export interface Drain {
  /**
   * Stops listening as soon as all who are connected have been accepted, answers every request that is in hand or still arrives on an open
   * connection, with `Connection: close`, and is done when no connection is left. Further calls give the same promise.
   */
  begin(): Promise<void>
}

const CHECK_INTERVAL_MS = 50

/**
 * Prepares an HTTP server that does not listen yet to be drained without failing a request. `server.close()` alone closes idle
 * connections at once, and a client that is just sending a request on one sees a reset.
 */
export function prepareDrain(server: Server, options: DrainOptions = {}): Drain {
  const idleTimeoutMs = options.idleTimeoutMs ?? 2_000
  const connections = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    connections.add(socket)
    socket.once('close', () => connections.delete(socket))
  })

  const drain = async (): Promise<void> => {
    let lastRequestAt = performance.now()
    server.prependListener('request', (_request, response: ServerResponse) => {
      lastRequestAt = performance.now()
      response.setHeader('Connection', 'close')
    })
    for (const socket of connections) announceClose(socket)
    const { closed } = await stopListening(server)
    const timer = setInterval(() => {
      if (performance.now() - lastRequestAt >= idleTimeoutMs) server.closeIdleConnections()
    }, CHECK_INTERVAL_MS)
    await closed
    clearInterval(timer)
  }

  let draining: Promise<void> | undefined
  return {
    begin() {
      draining ??= drain()
      return draining
    },
  }
}

/**
 * Drains `server` when the process shuts down, then runs `close`, which ends what stands behind it.
 *
 * @param server does not listen yet
 */
export function drainOnShutdown(server: Server, shutdown: Shutdown, close: () => Promise<void>): void {
  const drain = prepareDrain(server)
  shutdown.add('HTTP server', async () => {
    await drain.begin()
    await close()
  })
}

/**
 * Stops listening by the close of net.Server, which http.Server overrides with one that ends idle connections at once.
 *
 * @returns once it listens no more, what is done when no connection is left
 */
async function stopListening(server: Server): Promise<{ readonly closed: Promise<void> }> {
  if (!server.listening) return { closed: Promise.resolve() }
  await untilNobodyWaits((onAccepted) => {
    server.on('connection', onAccepted)
    return () => server.off('connection', onAccepted)
  })
  return { closed: new Promise((resolve) => NetServer.prototype.close.call(server, () => resolve())) }
}

/** Node keeps the response that a connection is busy with in a property without a public name; there is no other way to reach it. */
function announceClose(socket: Socket): void {
  if (!('_httpMessage' in socket)) return
  const response = socket._httpMessage
  if (response instanceof ServerResponse && !response.headersSent) response.setHeader('Connection', 'close')
}
