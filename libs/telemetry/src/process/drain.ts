import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:net'
import { setImmediate as nextIteration } from 'node:timers/promises'
import { atEmptyAcceptQueue } from '../node-internals/accept-queue.ts'
import { connectionLimit } from '../node-internals/connection-limit.ts'
import { closeListener } from '../node-internals/http-server.ts'
import { Connections } from './connections.ts'

/** Options of {@link Drain}. */
export interface DrainOptions {
  /** A connection without a request for this long is closed, whether or not it ever had one; default 2 s. */
  readonly idleTimeoutMs?: number
}

interface Watched {
  readonly server: Server
  readonly connections: Connections
}

const IDLE_TIMEOUT_MS = 2_000
const CHECK_INTERVAL_MS = 50

/**
 * Drains the HTTP servers of a service without failing a request. `server.close()` alone closes idle connections
 * immediately, so that a client that is about to send a request on one sees a reset; and it waits forever for a
 * connection on which no request ever ends.
 */
export class Drain {
  readonly #idleTimeoutMs: number
  readonly #watched: Watched[] = []
  #isAnnounced = false
  #drained: Promise<void> | undefined

  constructor(options: DrainOptions = {}) {
    this.#idleTimeoutMs = options.idleTimeoutMs ?? IDLE_TIMEOUT_MS
  }

  /**
   * Adds a server, whose connections are limited by the descriptors that the process may have. Once the drain has been
   * announced, the server's own `close()` drains all servers.
   *
   * @param server of HTTP/1.1 or HTTP/2, with or without TLS; does not listen yet
   */
  watch(server: Server): void {
    this.#watched.push({ server, connections: new Connections(server, this.#idleTimeoutMs) })
    connectionLimit.watch(server)
    const close = server.close.bind(server)
    server.close = (callback) => {
      if (!this.#isAnnounced) return close(callback)
      void this.begin().then(() => callback?.())
      return server
    }
  }

  /**
   * From now on responses have `Connection: close`, and HTTP/2 clients are asked to open no more streams. Servers keep
   * listening.
   */
  announce(): void {
    if (this.#isAnnounced) return
    this.#isAnnounced = true
    for (const { server, connections } of this.#watched) {
      server.prependListener('request', ({ httpVersionMajor }: IncomingMessage, response: ServerResponse) => {
        if (httpVersionMajor < 2) response.setHeader('Connection', 'close')
      })
      connections.announceClose()
    }
  }

  /**
   * Stops listening once all established connections have been accepted, answers every request in flight and every
   * request that still arrives on an open connection, with `Connection: close`, and resolves when no connection is
   * left. An upgraded connection, such as a WebSocket, is closed like an idle one: notify its peer before. Further
   * calls return the same promise.
   */
  begin(): Promise<void> {
    this.announce()
    this.#drained ??= Promise.all(this.#watched.map(drainServer)).then(() => {})
    return this.#drained
  }
}

async function drainServer({ server, connections }: Watched): Promise<void> {
  if (!server.listening) return
  const watch = (onAccepted: () => void) => {
    server.on('connection', onAccepted)
    return () => server.off('connection', onAccepted)
  }
  // V8 compiles a function when it is first called, which takes long enough for connections to arrive before the socket
  // is closed.
  await closeListener(createServer())
  const closed = atEmptyAcceptQueue(watch, () => closeListener(server))
  const timer = setInterval(() => {
    if (!server.listening) connections.closeIdle()
  }, CHECK_INTERVAL_MS)
  await closed
  clearInterval(timer)
  // Its last connections announce their end, which is recorded, only at the end of an iteration of the event loop,
  // after the server has announced its own.
  await nextIteration()
  await nextIteration()
}
