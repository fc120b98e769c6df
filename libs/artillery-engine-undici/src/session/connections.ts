import type { Socket } from 'node:net'
import { buildConnector, Client, type Dispatcher, Pool, ProxyAgent } from 'undici'
import type { EngineConfig } from '../artillery/config.ts'
import type { ConnectTimings } from '../artillery/metrics.ts'

type ConnectSettings = Pick<EngineConfig, 'timeoutMs' | 'pool' | 'connections' | 'tls' | 'proxy'>

/**
 * The connections of an engine, by one of three policies: pools that all virtual users share (`config.http.pool`),
 * connections of each virtual user, or connections that a virtual user leaves to the next at its end (`connections: reused`).
 */
export class Connections {
  readonly #settings: ConnectSettings
  readonly #connector: buildConnector.connector
  readonly #pools = new Map<string, Dispatcher>()
  readonly #idle = new Map<string, Dispatcher[]>()
  readonly #open = new Set<Dispatcher>()

  constructor(settings: ConnectSettings, onConnection?: (timings: ConnectTimings) => void) {
    this.#settings = settings
    const connector = buildConnector({
      ...settings.tls,
      timeout: settings.timeoutMs,
      // A new user has no TLS session to resume.
      maxCachedSessions: settings.pool === undefined && settings.connections === 'per-user' ? 0 : 100,
    })
    this.#connector = onConnection === undefined ? connector : timed(connector, onConnection)
  }

  /** The connections of one virtual user. */
  forUser(): UserConnections {
    return new UserConnections(this)
  }

  /** A dispatcher for a user's first request to an origin. */
  acquire(origin: string): Dispatcher {
    if (this.#settings.pool !== undefined) {
      let pool = this.#pools.get(origin)
      if (pool === undefined) {
        pool = this.#openDispatcher(origin, this.#settings.pool)
        this.#pools.set(origin, pool)
      }
      return pool
    }
    return this.#idle.get(origin)?.pop() ?? this.#openDispatcher(origin, 1)
  }

  /** Returns the dispatcher of a user that has ended; requests in flight on it are completed. */
  release(origin: string, dispatcher: Dispatcher): void {
    if (this.#settings.pool !== undefined) return
    if (this.#settings.connections === 'reused') {
      const idle = this.#idle.get(origin)
      if (idle === undefined) this.#idle.set(origin, [dispatcher])
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

  #openDispatcher(origin: string, connections: number): Dispatcher {
    const { proxy, timeoutMs, tls } = this.#settings
    const proxyUri = origin.startsWith('https:') ? (proxy.https ?? proxy.http) : proxy.http
    const timeouts = { headersTimeout: timeoutMs, bodyTimeout: timeoutMs }
    let dispatcher: Dispatcher
    if (proxyUri !== undefined) {
      dispatcher = new ProxyAgent({ uri: proxyUri, requestTls: tls, connections, proxyTunnel: true, ...timeouts })
    } else if (connections === 1) {
      dispatcher = new Client(origin, { connect: this.#connector, pipelining: 1, ...timeouts })
    } else {
      dispatcher = new Pool(origin, { connect: this.#connector, connections, pipelining: 1, ...timeouts })
    }
    this.#open.add(dispatcher)
    return dispatcher
  }
}

/** One virtual user's connections: one to each origin, opened by the first request to it. */
export class UserConnections {
  readonly #all: Connections
  #origin = ''
  #dispatcher: Dispatcher | undefined
  #others: Map<string, Dispatcher> | undefined

  constructor(all: Connections) {
    this.#all = all
  }

  dispatcher(origin: string): Dispatcher {
    if (this.#dispatcher === undefined) {
      this.#origin = origin
      this.#dispatcher = this.#all.acquire(origin)
      return this.#dispatcher
    }
    if (this.#origin === origin) return this.#dispatcher
    this.#others ??= new Map()
    let other = this.#others.get(origin)
    if (other === undefined) {
      other = this.#all.acquire(origin)
      this.#others.set(origin, other)
    }
    return other
  }

  /** Returns all connections. */
  release(): void {
    if (this.#dispatcher !== undefined) this.#all.release(this.#origin, this.#dispatcher)
    this.#dispatcher = undefined
    if (this.#others !== undefined) {
      for (const [origin, dispatcher] of this.#others) this.#all.release(origin, dispatcher)
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
