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
  /** Connections whose TLS handshake may still be under way. */
  readonly #transports = new Set<Socket>()
  readonly #sessions = new Set<ServerHttp2Session>()
  readonly #busyAt = new WeakMap<object, number>()
  readonly #idleTimeoutMs: number

  /**
   * @param server does not listen yet
   * @param idleTimeoutMs when {@link closeIdle} closes a connection without a request
   */
  constructor(server: Server, idleTimeoutMs: number) {
    this.#idleTimeoutMs = idleTimeoutMs
    const isSecure = server instanceof TlsServer
    // An HTTP/2 server without TLS has sessions only.
    const isHttp = isSecure || 'closeIdleConnections' in server
    if (isHttp) server.on('connection', (socket: Socket) => keep(isSecure ? this.#transports : this.#sockets, socket))
    server.on('secureConnection', (socket: TLSSocket) => {
      if (socket.alpnProtocol !== 'h2') keep(this.#sockets, socket)
    })
    server.on('session', (session: ServerHttp2Session) => keep(this.#sessions, session))
  }

  /** Announces to clients that their connections will be closed, where that is possible. */
  announceClose(): void {
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
    for (const socket of this.#transports) if (this.#isIdle(socket, this.#hasHandshaken(socket))) socket.destroy()
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

  /** From then on the secure connection or the session over it counts. */
  #hasHandshaken(transport: Socket): boolean {
    const isOver = ({ remoteAddress, remotePort }: Pick<Socket, 'remoteAddress' | 'remotePort'>) =>
      remotePort === transport.remotePort && remoteAddress === transport.remoteAddress
    // A destroyed session has no socket any more, and is kept until its 'close' event.
    const isSessionOver = (session: ServerHttp2Session) => !session.destroyed && isOver(session.socket)
    return [...this.#sockets].some(isOver) || [...this.#sessions].some(isSessionOver)
  }
}

function keep<T extends Socket | ServerHttp2Session>(set: Set<T>, connection: T): void {
  set.add(connection)
  connection.once('close', () => set.delete(connection))
}

function announceGoaway(session: ServerHttp2Session): void {
  if (!session.destroyed && !session.closed) session.goaway(constants.NGHTTP2_NO_ERROR, LAST_STREAM_ID)
}
