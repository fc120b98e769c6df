import { Agent, type ClientRequest, request } from 'node:http'
import { request as requestSecurely, Agent as SecureAgent } from 'node:https'
import type { Socket } from 'node:net'

/** One request of a load. */
export interface LoadRequest {
  /** The client's port of its connection; undefined until it is established. */
  readonly localPort: number | undefined
  /** Whether the connection has carried a request before. */
  readonly isReused: boolean
  /** Why there was no response: the code of the error; undefined for a request that is in flight or answered. */
  readonly failure: string | undefined
}

/** The result of a load. */
export interface LoadResult {
  readonly sent: number
  readonly answered: number
  /** The requests without a response. */
  readonly failed: readonly LoadRequest[]
}

/** A running load. */
export interface SteadyLoad {
  /** The requests in flight at this moment. */
  readonly inFlight: readonly LoadRequest[]
  /** The requests without a response so far. */
  readonly failed: readonly LoadRequest[]
  /** Ends the load and waits for the last responses. */
  stop(): Promise<LoadResult>
}

const TICK_MS = 10
/** Long, since a busy machine is slow, and only a request that is never answered is a failure. */
const TIMEOUT_MS = 20_000

/** How a load uses connections. */
export interface SteadyLoadOptions {
  /** The maximum number of persistent connections. Default 64. */
  readonly keptConnections?: number
  /** One out of this many requests has a connection of its own. Default 2. */
  readonly newConnectionEvery?: number
  /** The certificate of a service that speaks TLS, for localhost. */
  readonly ca?: Buffer
}

/**
 * Sends requests at a steady rate, whatever becomes of them: some on persistent connections, some on a new one each.
 * None is sent twice.
 */
export function startSteadyLoad(url: string, ratePerSecond: number, options: SteadyLoadOptions = {}): SteadyLoad {
  const { newConnectionEvery = 2 } = options
  const { kept, begin } = createClient(url, options)
  // `reusedSocket` does not include the connections that an agent passes on to requests that wait for one.
  const used = new WeakSet<Socket>()
  const inFlight = new Set<LoadRequest>()
  const failed: LoadRequest[] = []
  const startedAt = performance.now()
  let sent = 0
  let answered = 0
  let onIdle = () => {}

  const send = () => {
    const state = new RequestState()
    inFlight.add(state)
    let isComplete = false
    const sending = begin(++sent % newConnectionEvery !== 0)
    sending.once('response', (response) => {
      response.resume().once('end', () => {
        isComplete = true
      })
    })
    let impatience: NodeJS.Timeout | undefined
    sending.once('socket', (socket) => {
      state.isReused = used.has(socket)
      used.add(socket)
      state.follow(socket)
      // From the moment it has a connection: waiting for one here, on a busy machine, is not a fault of the service.
      impatience = setTimeout(() => sending.destroy(new Error('no answer')), TIMEOUT_MS)
    })
    sending.once('error', (error: NodeJS.ErrnoException) => {
      state.failure = error.code ?? error.message
    })
    sending.once('close', () => {
      clearTimeout(impatience)
      inFlight.delete(state)
      if (isComplete) {
        answered++
      } else {
        state.failure ??= 'cut off'
        failed.push(state)
      }
      if (inFlight.size === 0) onIdle()
    })
    sending.end()
  }
  const timer = setInterval(() => {
    const due = ((performance.now() - startedAt) / 1000) * ratePerSecond
    while (sent < due) send()
  }, TICK_MS)

  return {
    get inFlight() {
      return [...inFlight]
    },
    failed,
    async stop() {
      clearInterval(timer)
      if (inFlight.size > 0)
        await new Promise<void>((resolve) => {
          onIdle = resolve
        })
      kept.destroy()
      return { sent, answered, failed }
    },
  }
}

interface Client {
  readonly kept: Agent
  /** @param isKept whether the request uses a persistent connection, or one of its own */
  begin(isKept: boolean): ClientRequest
}

function createClient(url: string, { ca, keptConnections = 64 }: SteadyLoadOptions): Client {
  const keeping = { keepAlive: true, maxSockets: keptConnections }
  if (ca === undefined) {
    const kept = new Agent(keeping)
    return { kept, begin: (isKept) => request(url, { agent: isKept && kept }) }
  }
  const secure = { ca, servername: 'localhost' }
  const kept = new SecureAgent({ ...keeping, ...secure })
  return { kept, begin: (isKept) => requestSecurely(url, { ...secure, agent: isKept && kept }) }
}

class RequestState implements LoadRequest {
  localPort: number | undefined
  isReused = false
  failure: string | undefined

  follow(socket: Socket): void {
    if (!socket.connecting) this.localPort = socket.localPort
    else socket.once('connect', () => (this.localPort = socket.localPort))
  }
}
