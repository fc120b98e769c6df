import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { untilAcceptQueueIsEmpty } from '../node-internals/accept-queue.ts'
import { announceClose, closeListener } from '../node-internals/http-server.ts'
import type { Shutdown } from './shutdown.ts'

/** How a server drains. */
export interface DrainOptions {
  /** A keep-alive connection without a request for this long is closed; default 2 s. */
  readonly idleTimeoutMs?: number
}

/** The drain of one HTTP server. */
export interface Drain {
  /**
   * Stops listening once all established connections have been accepted, answers every request in flight and every request that still arrives on an open
   * connection, with `Connection: close`, and resolves when no connection is left. Further calls return the same promise.
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
    if (!server.listening) return
    await untilAcceptQueueIsEmpty((onAccepted) => {
      server.on('connection', onAccepted)
      return () => server.off('connection', onAccepted)
    })
    const timer = setInterval(() => {
      if (performance.now() - lastRequestAt >= idleTimeoutMs) server.closeIdleConnections()
    }, CHECK_INTERVAL_MS)
    await closeListener(server)
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
 * Drains `server` when the process shuts down, then runs `close`, which ends what the server depends on.
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
