import { constants, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2'
import type { Server, Socket } from 'node:net'
import { type TLSSocket, Server as TlsServer } from 'node:tls'
import {
  announceClose,
  EVENT_STREAM,
  isEventStream,
  isUpgraded,
  pendingResponse,
} from '../node-internals/http-server.ts'

/**
 * The identifier of a GOAWAY frame that only announces the end of a session:
 * https://www.rfc-editor.org/rfc/rfc9113#section-6.8.
 */
const LAST_STREAM_ID = 2 ** 31 - 1

/** The connections of one HTTP server: HTTP/1.1, HTTP/2, both with or without TLS, and upgraded connections. */
export class Connections {
  /** Connections for HTTP/1.1. */
  readonly #sockets = new Set<Socket>()
  /**
   * The transports of TLS and HTTP/2: they may be in the middle of a handshake, and a client may never close its side
   * of one that has ended.
   */
  readonly #transports = new Set<Socket>()
  readonly #sessions = new Set<ServerHttp2Session>()
  readonly #streams = new Set<ServerHttp2Stream>()
  readonly #busyAt = new WeakMap<object, number>()
  /** The bytes that a connection had received when it was last checked. */
  readonly #bytesRead = new WeakMap<object, number>()
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
      session.on('stream', (stream) => keep(this.#streams, stream))
      // Sent after the first request: without GOAWAY, requests that are on their way when the session is closed would
      // be refused; sent before it, other requests that the client has queued would be.
      session.once('stream', () => {
        if (this.#isAnnounced) announceGoaway(session)
      })
    })
  }

  /**
   * Announces to clients that their connections will be closed, if possible; for HTTP/2, also to those that connect
   * later.
   */
  announceClose(): void {
    this.#isAnnounced = true
    for (const socket of this.#sockets) announceClose(socket)
    for (const session of this.#sessions) announceGoaway(session)
  }

  /**
   * Closes the connections that have had no request for the idle timeout, whether or not they ever had one, upgraded
   * ones, and those whose client has stopped in the middle of a body; ends streams of server-sent events, which have no
   * end of their own. The timeout of a connection starts at the first call; call it every few milliseconds.
   */
  closeIdle(): void {
    for (const socket of this.#sockets) this.#closeIfIdle(socket)
    for (const stream of this.#streams) this.#closeStreamIfIdle(stream)
    const peers = this.#peersOfRequests()
    for (const socket of this.#transports) if (this.#isIdle(socket, peers.has(peerOf(socket)))) socket.destroy()
    // Closes once its streams have ended.
    for (const session of this.#sessions) if (this.#isIdle(session, session.closed)) session.close()
  }

  #closeIfIdle(socket: Socket): void {
    const response = isUpgraded(socket) ? undefined : pendingResponse(socket)
    if (response !== undefined && isEventStream(response)) {
      // The handler may keep writing, since it does not know yet.
      if (this.#isIdle(socket, false)) response.on('error', () => {}).end(() => socket.destroySoon())
    } else {
      const request = response?.req
      const isBusy =
        request !== undefined && (request.complete || request.readableLength > 0 || this.#hasReceived(socket, socket))
      if (this.#isIdle(socket, isBusy)) socket.destroy()
    }
  }

  #closeStreamIfIdle(stream: ServerHttp2Stream): void {
    const { socket } = stream.session ?? {}
    if (stream.destroyed || socket === undefined) return
    if (stream.sentHeaders?.['content-type']?.toString().startsWith(EVENT_STREAM)) {
      if (this.#isIdle(stream, false)) stream.on('error', () => {}).end()
      return
    }
    const isComplete = stream.state.state !== constants.NGHTTP2_STREAM_STATE_OPEN
    const isBusy = isComplete || stream.headersSent || stream.readableLength > 0 || this.#hasReceived(stream, socket)
    if (this.#isIdle(stream, isBusy)) stream.destroy()
  }

  /** Whether anything has arrived since the last call. */
  #hasReceived(connection: object, { bytesRead }: Pick<Socket, 'bytesRead'>): boolean {
    const before = this.#bytesRead.get(connection)
    this.#bytesRead.set(connection, bytesRead)
    return before !== bytesRead
  }

  #isIdle(connection: object, isBusy: boolean): boolean {
    const now = performance.now()
    const busyAt = isBusy ? undefined : this.#busyAt.get(connection)
    if (busyAt !== undefined) return now - busyAt >= this.#idleTimeoutMs
    this.#busyAt.set(connection, now)
    return false
  }

  /** Those in use as a transport: the secure connection or the session on top of it counts instead. */
  #peersOfRequests(): Set<string> {
    // A destroyed session no longer has a socket, and is kept until its 'close' event, which waits for the client to
    // close its side.
    const sessions = [...this.#sessions].filter(({ destroyed }) => !destroyed)
    return new Set([...[...this.#sockets].map(peerOf), ...sessions.map(({ socket }) => peerOf(socket))])
  }
}

function peerOf({ remoteAddress, remotePort }: Pick<Socket, 'remoteAddress' | 'remotePort'>): string {
  return `${remoteAddress} ${remotePort}`
}

function keep<T extends Socket | ServerHttp2Session | ServerHttp2Stream>(set: Set<T>, connection: T): void {
  set.add(connection)
  connection.once('close', () => set.delete(connection))
}

function announceGoaway(session: ServerHttp2Session): void {
  if (!session.destroyed && !session.closed) session.goaway(constants.NGHTTP2_NO_ERROR, LAST_STREAM_ID)
}
