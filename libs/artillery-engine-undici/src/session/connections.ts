import type { Socket } from 'node:net'
import { buildConnector } from 'undici'
import type { EngineConfig, Http2Mode } from '../artillery/config.ts'
import type { ConnectTimings } from '../artillery/metrics.ts'
import { tcpConnector } from '../http1/tcp-connector.ts'
import { Http1Client } from './http1-client.ts'
import { Http1Pool } from './http1-pool.ts'
import { Http2Client } from './http2-client.ts'
import { Http2Pool } from './http2-pool.ts'
import { ProxySender } from './proxy-sender.ts'
import type { Sender } from './sender.ts'

type ConnectSettings = Pick<EngineConfig, 'timeoutMs' | 'pool' | 'http2' | 'connections' | 'tls' | 'proxy'>

/**
 * The connections of an engine, by one of three policies: pools that all virtual users share (`config.http.pool`),
 * connections of each virtual user, or connections that a virtual user leaves to the next at its end (`connections: reused`).
 */
export class Connections {
  readonly #settings: ConnectSettings
  readonly #connectors: Readonly<Record<Protocol, buildConnector.connector>>
  readonly #pools = new Map<string, Sender>()
  readonly #idle = new Map<string, Sender[]>()
  readonly #open = new Set<Sender>()

  constructor(settings: ConnectSettings, onConnection?: (timings: ConnectTimings) => void) {
    this.#settings = settings
    const connectorOf = (protocol: Protocol): buildConnector.connector => {
      const connector = createConnector(settings, protocol)
      return onConnection === undefined ? connector : timed(connector, onConnection)
    }
    this.#connectors = { http1: connectorOf('http1'), alpn: connectorOf('alpn'), h2c: connectorOf('h2c') }
  }

  /** Whether `config.http.http2` is on. */
  get usesHttp2(): boolean {
    return this.#settings.http2 !== 'off'
  }

  /** The connections of one virtual user. */
  forUser(): UserConnections {
    return new UserConnections(this)
  }

  /** The senders for a user's first request to an origin and for later ones. */
  acquire(route: Route): Sender {
    if (this.#settings.pool !== undefined) {
      let pool = this.#pools.get(route.key)
      if (pool === undefined) {
        pool = this.#openSender(route, this.#settings.pool)
        this.#pools.set(route.key, pool)
      }
      return pool
    }
    return this.#idle.get(route.key)?.pop() ?? this.#openSender(route, 1)
  }

  /** Returns the connections of a user that has ended; requests in flight on them are completed. */
  release(key: string, sender: Sender): void {
    if (this.#settings.pool !== undefined) return
    if (this.#settings.connections === 'reused') {
      const idle = this.#idle.get(key)
      if (idle === undefined) this.#idle.set(key, [sender])
      else idle.push(sender)
      return
    }
    this.#open.delete(sender)
    sender.close()
  }

  /** Ends all connections at once; requests in flight fail. */
  async destroy(): Promise<void> {
    const open = [...this.#open]
    this.#open.clear()
    this.#pools.clear()
    this.#idle.clear()
    await Promise.all(open.map((sender) => sender.destroy()))
  }

  #openSender({ origin, http2 }: Route, connections: number): Sender {
    const sender = this.#createSender(origin, http2, connections)
    this.#open.add(sender)
    return sender
  }

  #createSender(origin: string, http2: boolean, connections: number): Sender {
    const { proxy, timeoutMs, tls } = this.#settings
    const isHttps = origin.startsWith('https:')
    const proxyUri = isHttps ? (proxy.https ?? proxy.http) : proxy.http
    if (proxyUri !== undefined) {
      return new ProxySender({ uri: proxyUri, requestTls: tls, connections, timeoutMs })
    }
    const protocol = protocolOf(isHttps, http2, this.#settings.http2)
    if (protocol !== 'http1') {
      const options = {
        connector: this.#connectors[protocol],
        http1Connector: this.#connectors.http1,
      }
      return connections === 1 ? new Http2Client(origin, options) : new Http2Pool(origin, connections, options)
    }
    const open = (onFree?: () => void): Http1Client => new Http1Client(origin, this.#connectors.http1, onFree)
    return connections === 1 ? open() : new Http1Pool(connections, open)
  }
}

/**
 * The protocol of a connection: HTTP/1.1, what the server chooses by ALPN, or HTTP/2 over plain TCP by prior knowledge.
 */
type Protocol = 'http1' | 'alpn' | 'h2c'

function protocolOf(isHttps: boolean, http2: boolean, mode: Http2Mode): Protocol {
  if (!http2) return 'http1'
  if (isHttps) return 'alpn'
  return mode === 'prior-knowledge' ? 'h2c' : 'http1'
}

function createConnector(settings: ConnectSettings, protocol: Protocol): buildConnector.connector {
  const plain = tcpConnector(settings.timeoutMs)
  // undici's types lack useH2c.
  const options: buildConnector.BuildOptions & { useH2c: boolean } = {
    ...settings.tls,
    allowH2: protocol === 'alpn',
    useH2c: protocol === 'h2c',
    timeout: settings.timeoutMs,
    // A new user has no TLS session to resume.
    maxCachedSessions: settings.pool === undefined && settings.connections === 'per-user' ? 0 : 100,
  }
  const connector = buildConnector(options)
  if (protocol !== 'http1') return connector
  return (request, callback) => (request.protocol === 'http:' ? plain : connector)(request, callback)
}

/** The key of a connection: those that may use HTTP/2 are not shared with those that may not. */
interface Route {
  key: string
  origin: string
  http2: boolean
}

/** One virtual user's connections: one to each origin, opened by the first request to it. */
export class UserConnections {
  readonly #all: Connections
  #key = ''
  #sender: Sender | undefined
  #others: Map<string, Sender> | undefined

  constructor(all: Connections) {
    this.#all = all
  }

  /** @param http2 offer HTTP/2, whatever `config.http.http2` says */
  sender(origin: string, http2: boolean): Sender {
    const key = http2 ? `http2 ${origin}` : origin
    if (this.#sender !== undefined && this.#key === key) return this.#sender
    const route: Route = { key, origin, http2: http2 || this.#all.usesHttp2 }
    if (this.#sender === undefined) {
      this.#key = key
      this.#sender = this.#all.acquire(route)
      return this.#sender
    }
    this.#others ??= new Map()
    let other = this.#others.get(key)
    if (other === undefined) {
      other = this.#all.acquire(route)
      this.#others.set(key, other)
    }
    return other
  }

  /** Returns all connections. */
  release(): void {
    if (this.#sender !== undefined) this.#all.release(this.#key, this.#sender)
    this.#sender = undefined
    if (this.#others !== undefined) {
      for (const [key, sender] of this.#others) this.#all.release(key, sender)
      this.#others = undefined
    }
  }
}

function timed(
  connector: buildConnector.connector,
  onConnection: (timings: ConnectTimings) => void,
): buildConnector.connector {
  return (options, callback) => {
    const startMs = performance.now()
    let lookedUpMs = startMs
    let connectedMs = startMs
    const socket: unknown = connector(options, (...result) => {
      if (result[0] === null) {
        const endMs = performance.now()
        const isTls = options.protocol === 'https:'
        const tcpEndMs = isTls && connectedMs > startMs ? connectedMs : endMs
        onConnection({ dnsMs: lookedUpMs - startMs, tcpMs: tcpEndMs - lookedUpMs, tlsMs: endMs - tcpEndMs })
      }
      callback(...result)
    })
    if (isSocket(socket)) {
      socket.once('lookup', () => {
        lookedUpMs = performance.now()
      })
      socket.once('connect', () => {
        connectedMs = performance.now()
      })
    }
    return socket
  }
}

function isSocket(value: unknown): value is Socket {
  return typeof value === 'object' && value !== null && 'once' in value
}
