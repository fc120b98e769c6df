import type { Socket } from 'node:net'
import type { buildConnector } from 'undici'
import { EngineError } from '../artillery/errors.ts'
import { Http2Connection } from '../http2/http2-connection.ts'
import type { Exchange } from '../response/exchange.ts'
import { Http1Client, unbracketed } from './http1-client.ts'
import { Http2Exchange } from './http2-exchange.ts'
import type { OutgoingRequest, Sender } from './sender.ts'

/** Options of {@link Http2Client}. */
export interface Http2ClientOptions {
  /** Opens a connection; its `alpnProtocol` is the negotiated protocol. */
  readonly connector: buildConnector.connector
  /** Opens further connections to a server that has chosen HTTP/1.1. */
  readonly http1Connector: buildConnector.connector
}

interface Waiting {
  readonly request: OutgoingRequest
  readonly exchange: Exchange
}

/**
 * One connection to an origin over HTTP/2, on a client of its own: Node's makes half as many requests. A server that
 * chooses HTTP/1.1 gets it. A connection that has ended is opened again by the next request.
 */
export class Http2Client implements Sender {
  readonly #origin: URL
  readonly #options: Http2ClientOptions
  /** The last one accepts requests; others still have some in flight. */
  readonly #connections = new Set<Http2Connection>()
  #current: Http2Connection | undefined
  #http1: Http1Client | undefined
  #waiting: Waiting[] = []
  #isConnecting = false
  #isClosed = false

  constructor(origin: string, options: Http2ClientOptions) {
    this.#origin = new URL(origin)
    this.#options = options
  }

  /** Requests that have not ended. */
  get size(): number {
    return (this.#current?.size ?? 0) + this.#waiting.length
  }

  dispatch(request: OutgoingRequest, exchange: Exchange): void {
    if (this.#http1 !== undefined) {
      this.#http1.dispatch(request, exchange)
      return
    }
    if (this.#current?.isOpen === true) {
      this.#send(this.#current, request, exchange)
      return
    }
    this.#waiting.push({ request, exchange })
    this.#connect()
  }

  /** Ends the connection when the requests in flight have ended. */
  close(): void {
    this.#isClosed = true
    if (this.#isConnecting) return
    this.#http1?.close()
    for (const connection of this.#connections) connection.close()
  }

  /** Ends the connection at once: requests in flight fail. */
  async destroy(): Promise<void> {
    this.#isClosed = true
    const error = new EngineError('ECONNRESET', 'The connection was closed')
    this.#failWaiting(error)
    for (const connection of this.#connections) connection.destroy(error)
    await this.#http1?.destroy()
  }

  #send(connection: Http2Connection, request: OutgoingRequest, exchange: Exchange): void {
    new Http2Exchange(exchange, connection, request.timeoutMs).send(this.#origin, request)
  }

  #connect(): void {
    if (this.#isConnecting) return
    this.#isConnecting = true
    const { hostname, host, protocol, port } = this.#origin
    this.#options.connector({ hostname: unbracketed(hostname), host, protocol, port }, (...[error, socket]) => {
      this.#isConnecting = false
      if (error !== null) {
        this.#failWaiting(error)
        return
      }
      if (isHttp2(socket)) this.#begin(socket)
      else this.#fallBack(socket)
      const waiting = this.#waiting
      this.#waiting = []
      for (const { request, exchange } of waiting) this.dispatch(request, exchange)
      if (this.#isClosed) this.close()
    })
  }

  #begin(socket: Socket): void {
    const connection = new Http2Connection(socket, () => this.#connections.delete(connection))
    this.#current = connection
    this.#connections.add(connection)
  }

  #fallBack(socket: Socket): void {
    const { http1Connector } = this.#options
    let open: Socket | undefined = socket
    const connectHttp1: buildConnector.connector = (options, callback) => {
      const first = open
      open = undefined
      if (first === undefined || first.destroyed) return http1Connector(options, callback)
      callback(null, first)
      return undefined
    }
    this.#http1 = new Http1Client(this.#origin.href, connectHttp1)
  }

  #failWaiting(error: Error): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const { exchange } of waiting) exchange.onError(error)
  }
}

function isHttp2(socket: Socket): boolean {
  return 'alpnProtocol' in socket && socket.alpnProtocol === 'h2'
}
