import { isIP, type Socket } from 'node:net'
import type { buildConnector } from 'undici'
import { EngineError } from '../artillery/errors.ts'
import { Http1Connection } from '../http1/http1-connection.ts'
import type { Exchange } from '../response/exchange.ts'
import type { OutgoingRequest, Sender } from './sender.ts'

interface Waiting {
  readonly request: OutgoingRequest
  readonly exchange: Exchange
}

/**
 * One connection to an origin over HTTP/1.1, for one request after another. One that has ended is opened again by the
 * next request.
 */
export class Http1Client implements Sender {
  readonly #origin: URL
  readonly #connector: buildConnector.connector
  readonly #onFree: (() => void) | undefined
  #connection: Http1Connection | undefined
  /** The name of the server that the connection was opened for, by the `host` of its first request. */
  #serverName: string | undefined
  readonly #waiting: Waiting[] = []
  #isConnecting = false
  #isClosed = false

  /** @param onFree called when it has nothing more to send, and when a request has left it so */
  constructor(origin: string, connector: buildConnector.connector, onFree?: () => void) {
    this.#origin = new URL(origin)
    this.#connector = connector
    this.#onFree = onFree
  }

  /** Requests that have not ended. */
  get size(): number {
    const inFlight = this.#connection === undefined || this.#connection.isFree ? 0 : 1
    return this.#waiting.length + inFlight
  }

  dispatch(request: OutgoingRequest, exchange: Exchange): void {
    this.#waiting.push({ request, exchange })
    this.#advance()
  }

  close(): void {
    this.#isClosed = true
    this.#advance()
  }

  async destroy(): Promise<void> {
    this.#isClosed = true
    const error = new EngineError('ECONNRESET', 'The connection was closed')
    this.#failWaiting(error)
    this.#connection?.destroy(error)
  }

  /** Sends the next request, if the connection is free for it, or opens one. */
  readonly #advance = (): void => {
    for (;;) {
      const next = this.#waiting[0]
      let connection = this.#connection
      if (connection?.isOpen === true && !connection.isFree) return
      if (next === undefined) {
        if (this.#isClosed) connection?.destroy()
        else this.#onFree?.()
        return
      }
      if (next.exchange.isOver) {
        this.#waiting.shift()
        continue
      }
      if (connection !== undefined && (!connection.isOpen || connection.isStale || !this.#isFor(next.request))) {
        this.#connection = undefined
        connection.destroy()
        connection = undefined
      }
      if (connection === undefined) {
        this.#connect(next.request)
        return
      }
      this.#waiting.shift()
      connection.send(next.request, next.exchange, this.#origin.host)
      return
    }
  }

  #isFor(request: OutgoingRequest): boolean {
    return this.#origin.protocol === 'http:' || this.#serverName === serverNameOf(request.headers)
  }

  #connect(request: OutgoingRequest): void {
    if (this.#isConnecting) return
    this.#isConnecting = true
    const { hostname, host, protocol, port } = this.#origin
    this.#serverName = protocol === 'https:' ? serverNameOf(request.headers) : undefined
    const options: buildConnector.Options = { hostname: unbracketed(hostname), host, protocol, port }
    if (this.#serverName !== undefined) options.servername = this.#serverName
    this.#connector(options, (...[error, socket]) => {
      this.#isConnecting = false
      if (error !== null) this.#failWaiting(error)
      else this.#connection = this.#begin(socket)
      this.#advance()
    })
  }

  #begin(socket: Socket): Http1Connection {
    return new Http1Connection(socket, this.#advance)
  }

  #failWaiting(error: Error): void {
    for (const { exchange } of this.#waiting.splice(0)) exchange.onError(error)
  }
}

/** The name that a TLS server is asked for if the headers have a `host` of their own, as Node's client does. */
function serverNameOf(headers: readonly string[]): string | undefined {
  const index = headers.indexOf('host')
  const host = index % 2 === 0 ? headers[index + 1] : undefined
  if (host === undefined) return undefined
  const name = host.startsWith('[') ? host.slice(1, host.indexOf(']')) : host.replace(/:\d*$/, '')
  return isIP(name) === 0 && name !== '' ? name : undefined
}

/** The host of a URL as sockets expect it: an IPv6 address without its brackets. */
export function unbracketed(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
}
