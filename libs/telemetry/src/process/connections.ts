import { constants, type ServerHttp2Session } from 'node:http2'
import type { Server, Socket } from 'node:net'
import { type TLSSocket, Server as TlsServer } from 'node:tls'
import { announceClose, isUpgraded, pendingResponse } from '../node-internals/http-server.ts'

/** The identifier of a GOAWAY frame that only announces the end of a session: https://www.rfc-editor.org/rfc/rfc9113#section-6.8. */
const LAST_STREAM_ID = 2 ** 31 - 1

/** The connections of one HTTP server: HTTP/1.1, HTTP/2, both with or without TLS, and what they have been upgraded to. */
export class Connections {
  /** Connections for HTTP/1.1. */
  readonly #sockets = new Set<Socket>()
  /** What TLS and HTTP/2 go over: their handshake may be under way, and a client may never close its side of one that has ended. */
  readonly #transports = new Set<Socket>()
  readonly #sessions = new Set<ServerHttp2Session>()
  readonly #busyAt = new WeakMap<object, number>()
  readonly #idleTimeoutMs: number
  #isAnnounced = false

  /**
   * @param server does not listen yet
   * @param idleTimeoutMs when {@link closeIdle} closes a connection without a request
   */
  constructor(server: Server, idleTimeoutMs: number) {
    this.#idleTimeoutMs = idleTimeoutMs
    const isSecure = server instanceof TlsServer
    // An HTTP/2 server without TLS has sessions only.
    const isHttp1 = !isSecure && 'closeIdleConnections' in server
    server.on('connection', (socket: Socket) => keep(isHttp1 ? this.#sockets : this.#transports, socket))
    server.on('secureConnection', (socket: TLSSocket) => {
      if (socket.alpnProtocol !== 'h2') keep(this.#sockets, socket)
    })
    server.on('session', (session: ServerHttp2Session) => {
      keep(this.#sessions, session)
      // Without it, requests that are under way when the session is closed would be refused. Before its first request, others that its client has queued would be.
      session.once('stream', () => {
        if (this.#isAnnounced) announceGoaway(session)
      })
    })
  }

  /** Announces to clients that their connections will be closed, where that is possible; those that come later too, where they speak HTTP/2. */
  announceClose(): void {
    this.#isAnnounced = true
    for (const socket of this.#sockets) announceClose(socket)
    for (const session of this.#sessions) announceGoaway(session)
  }

  /**
   * Closes the connections that have had no request for the idle timeout, whether or not they ever had one, and those that have been upgraded. The
   * timeout of a connection starts at the first call; call it every few milliseconds.
   */
  closeIdle(): void {
    for (const socket of this.#sockets) {
      const isBusy = !isUpgraded(socket) && pendingResponse(socket) !== undefined
      if (this.#isIdle(socket, isBusy)) socket.destroy()
    }
    const peers = this.#peersOfRequests()
    for (const socket of this.#transports) if (this.#isIdle(socket, peers.has(peerOf(socket)))) socket.destroy()
    // Ends when the streams that it has have ended.
    for (const session of this.#sessions) if (this.#isIdle(session, session.closed)) session.close()
  }

  #isIdle(connection: object, isBusy: boolean): boolean {
    const now = performance.now()
    const busyAt = isBusy ? undefined : this.#busyAt.get(connection)
    if (busyAt !== undefined) return now - busyAt >= this.#idleTimeoutMs
    this.#busyAt.set(connection, now)
    return false
  }

  /** Whose transport is in use: the secure connection or the session over it counts instead. */
  #peersOfRequests(): Set<string> {
    // A destroyed session has no socket any more, and is kept until its 'close' event, which waits for the client to close its side.
    const sessions = [...this.#sessions].filter(({ destroyed }) => !destroyed)
    return new Set([...[...this.#sockets].map(peerOf), ...sessions.map(({ socket }) => peerOf(socket))])
  }
}

function peerOf({ remoteAddress, remotePort }: Pick<Socket, 'remoteAddress' | 'remotePort'>): string {
  return `${remoteAddress} ${remotePort}`
}

function keep<T extends Socket | ServerHttp2Session>(set: Set<T>, connection: T): void {
  set.add(connection)
  connection.once('close', () => set.delete(connection))
}

function announceGoaway(session: ServerHttp2Session): void {
  if (!session.destroyed && !session.closed) session.goaway(constants.NGHTTP2_NO_ERROR, LAST_STREAM_ID)
}
