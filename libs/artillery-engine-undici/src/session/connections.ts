import type { Socket } from 'node:net'
import { buildConnector, Client, type Dispatcher, Pool, ProxyAgent } from 'undici'
import type { EngineConfig, Http2Mode } from '../artillery/config.ts'
import type { ConnectTimings } from '../artillery/metrics.ts'
import { withoutContinue } from './continue-filter.ts'

type ConnectSettings = Pick<EngineConfig, 'timeoutMs' | 'pool' | 'http2' | 'connections' | 'tls' | 'proxy'>

/**
 * The connections of an engine, by one of three policies: pools that all virtual users share (`config.http.pool`),
 * connections of each virtual user, or connections that a virtual user leaves to the next at its end (`connections: reused`).
 */
export class Connections {
  readonly #settings: ConnectSettings
  readonly #connectors: Readonly<Record<Protocol, buildConnector.connector>>
  readonly #pools = new Map<string, Dispatcher>()
  readonly #idle = new Map<string, Dispatcher[]>()
  readonly #open = new Set<Dispatcher>()

  constructor(settings: ConnectSettings, onConnection?: (timings: ConnectTimings) => void) {
    this.#settings = settings
    const connectorOf = (protocol: Protocol): buildConnector.connector => {
      const connector = createConnector(settings, protocol)
      return withoutContinue(onConnection === undefined ? connector : timed(connector, onConnection))
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

  /** A dispatcher for a user's first request to an origin. */
  acquire(route: Route): Dispatcher {
    if (this.#settings.pool !== undefined) {
      let pool = this.#pools.get(route.key)
      if (pool === undefined) {
        pool = this.#openDispatcher(route, this.#settings.pool)
        this.#pools.set(route.key, pool)
      }
      return pool
    }
    return this.#idle.get(route.key)?.pop() ?? this.#openDispatcher(route, 1)
  }

  /** Returns the dispatcher of a user that has ended; requests in flight on it are completed. */
  release(key: string, dispatcher: Dispatcher): void {
    if (this.#settings.pool !== undefined) return
    if (this.#settings.connections === 'reused') {
      const idle = this.#idle.get(key)
      if (idle === undefined) this.#idle.set(key, [dispatcher])
      else idle.push(dispatcher)
      return
    }
    this.#open.delete(dispatcher)
    dispatcher.close(ignore)
  }

  /** Ends all connections at once; requests in flight fail. */
  async destroy(): Promise<void> {
    const open = [...this.#open]
    this.#open.clear()
    this.#pools.clear()
    this.#idle.clear()
    await Promise.all(open.map((dispatcher) => dispatcher.destroy()))
  }

  #openDispatcher({ origin, http2 }: Route, connections: number): Dispatcher {
    const dispatcher = this.#createDispatcher(origin, http2, connections)
    this.#open.add(dispatcher)
    return dispatcher
  }

  #createDispatcher(origin: string, http2: boolean, connections: number): Dispatcher {
    const { proxy, timeoutMs, tls } = this.#settings
    const isHttps = origin.startsWith('https:')
    const timeouts = { headersTimeout: timeoutMs, bodyTimeout: timeoutMs }
    const proxyUri = isHttps ? (proxy.https ?? proxy.http) : proxy.http
    if (proxyUri !== undefined) {
      return new ProxyAgent({ uri: proxyUri, requestTls: tls, connections, proxyTunnel: true, ...timeouts })
    }
    const protocol = protocolOf(isHttps, http2, this.#settings.http2)
    const connect = this.#connectors[protocol]
    // undici's own default is one request at a time over HTTP/1.1 and as many as the server allows over HTTP/2.
    const options = { connect, ...(protocol === 'http1' ? { pipelining: 1 } : { allowH2: true }), ...timeouts }
    return connections === 1 ? new Client(origin, options) : new Pool(origin, { ...options, connections })
  }
}

/** What a connection speaks: HTTP/1.1, what the server chooses by ALPN, or HTTP/2 over plain TCP by prior knowledge. */
type Protocol = 'http1' | 'alpn' | 'h2c'

function protocolOf(isHttps: boolean, http2: boolean, mode: Http2Mode): Protocol {
  if (!http2) return 'http1'
  if (isHttps) return 'alpn'
  return mode === 'prior-knowledge' ? 'h2c' : 'http1'
}

function createConnector(settings: ConnectSettings, protocol: Protocol): buildConnector.connector {
  // undici's types lack useH2c.
  const options: buildConnector.BuildOptions & { useH2c: boolean } = {
    ...settings.tls,
    allowH2: protocol === 'alpn',
    useH2c: protocol === 'h2c',
    timeout: settings.timeoutMs,
    // A new user has no TLS session to resume.
    maxCachedSessions: settings.pool === undefined && settings.connections === 'per-user' ? 0 : 100,
  }
  return buildConnector(options)
}

/** What tells connections apart: those that may use HTTP/2 are not shared with those that may not. */
interface Route {
  key: string
  origin: string
  http2: boolean
}

/** One virtual user's connections: one to each origin, opened by the first request to it. */
export class UserConnections {
  readonly #all: Connections
  #key = ''
  #dispatcher: Dispatcher | undefined
  #others: Map<string, Dispatcher> | undefined

  constructor(all: Connections) {
    this.#all = all
  }

  /** @param http2 offer HTTP/2, whatever `config.http.http2` says */
  dispatcher(origin: string, http2: boolean): Dispatcher {
    const key = http2 ? `http2 ${origin}` : origin
    if (this.#dispatcher !== undefined && this.#key === key) return this.#dispatcher
    const route: Route = { key, origin, http2: http2 || this.#all.usesHttp2 }
    if (this.#dispatcher === undefined) {
      this.#key = key
      this.#dispatcher = this.#all.acquire(route)
      return this.#dispatcher
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
    if (this.#dispatcher !== undefined) this.#all.release(this.#key, this.#dispatcher)
    this.#dispatcher = undefined
    if (this.#others !== undefined) {
      for (const [key, dispatcher] of this.#others) this.#all.release(key, dispatcher)
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

function ignore(): void {}
