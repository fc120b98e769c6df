import type { Socket } from 'node:net'
import { type buildConnector, Client, type Dispatcher } from 'undici'
import { EngineError } from '../artillery/errors.ts'
import { Http2Connection } from '../http2/http2-connection.ts'
import type { Exchange } from '../response/exchange.ts'
import { Http2Exchange, type Timeouts } from './http2-exchange.ts'

export interface Http2ClientOptions extends Timeouts {
  /** Opens a connection; its `alpnProtocol` says what it speaks. */
  readonly connector: buildConnector.connector
  /** Opens further connections to a server that has chosen HTTP/1.1. */
  readonly http1Connector: buildConnector.connector
}

interface Waiting {
  readonly options: Dispatcher.DispatchOptions
  readonly exchange: Exchange
}

/**
 * One connection to an origin over HTTP/2, on a client of its own: Node's makes half as many requests. A server that
 * chooses HTTP/1.1 gets it, by undici. A connection that has ended is opened again by the next request.
 */
export class Http2Client {
  readonly #origin: URL
  readonly #options: Http2ClientOptions
  /** The one that takes requests is the last; others still have some in flight. */
  readonly #connections = new Set<Http2Connection>()
  #current: Http2Connection | undefined
  #http1: Client | undefined
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

  dispatch(options: Dispatcher.DispatchOptions, exchange: Exchange): void {
    if (this.#http1 !== undefined) {
      this.#http1.dispatch(options, exchange)
      return
    }
    if (this.#current?.isOpen === true) {
      this.#send(this.#current, options, exchange)
      return
    }
    this.#waiting.push({ options, exchange })
    this.#connect()
  }

  /** Ends the connection when the requests in flight have ended. */
  close(): void {
    this.#isClosed = true
    if (this.#isConnecting) return
    this.#http1?.close(ignore)
    for (const connection of this.#connections) connection.close()
  }

  /** Ends the connection at once: requests in flight fail. */
  async destroy(): Promise<void> {
    this.#isClosed = true
    const error = new EngineError('ECONNRESET', 'The connection was ended')
    this.#failWaiting(error)
    for (const connection of this.#connections) connection.destroy(error)
    await this.#http1?.destroy(error)
  }

  #send(connection: Http2Connection, options: Dispatcher.DispatchOptions, exchange: Exchange): void {
    const { headersTimeout, bodyTimeout } = this.#options
    const timeouts = {
      headersTimeout: options.headersTimeout ?? headersTimeout,
      bodyTimeout: options.bodyTimeout ?? bodyTimeout,
    }
    new Http2Exchange(exchange, connection, timeouts).send(this.#origin, options)
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
      for (const { options, exchange } of waiting) this.dispatch(options, exchange)
      if (this.#isClosed) this.close()
    })
  }

  #begin(socket: Socket): void {
    const connection = new Http2Connection(socket, () => this.#connections.delete(connection))
    this.#current = connection
    this.#connections.add(connection)
  }

  #fallBack(socket: Socket): void {
    const { http1Connector, headersTimeout, bodyTimeout } = this.#options
    let open: Socket | undefined = socket
    const connectHttp1: buildConnector.connector = (options, callback) => {
      const first = open
      open = undefined
      if (first === undefined || first.destroyed) return http1Connector(options, callback)
      // undici takes no connection while it is asking for one.
      queueMicrotask(() => callback(null, first))
      return undefined
    }
    this.#http1 = new Client(this.#origin, { connect: connectHttp1, pipelining: 1, headersTimeout, bodyTimeout })
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

/** The host of a URL as sockets want it: an IPv6 address without its brackets. */
function unbracketed(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
}

function ignore(): void {}
