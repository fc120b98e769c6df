import { WebSocket } from 'ws'
import { MASTER_ENDS, MAX_MESSAGE_BYTES } from '../protocol/messages.ts'
import { WebSocketChannel } from '../protocol/websocket-channel.ts'
import { workerWireFormat } from '../protocol/wire-format.ts'
import type { WorkerAgent } from './worker-agent.ts'

export interface MasterConnectionOptions {
  /** The master's base URL. */
  readonly url: string
  readonly token: string
  readonly log: (message: string) => void
  /** The master has announced its shutdown. */
  readonly onMasterEnded?: (() => void) | undefined
}

/** After a connection that lasted: until it is known whether the master still runs, no arrivals start. */
const AT_ONCE_MS = 10
const FIRST_RETRY_MS = 100
const MAX_RETRY_MS = 2000
const RETRY_FACTOR = 1.6
const HANDSHAKE_TIMEOUT_MS = 3000

/** Keeps a worker connected to its master until it is closed. Logs each reason for having no connection once. */
export class MasterConnection {
  readonly #agent: WorkerAgent
  readonly #options: MasterConnectionOptions
  #retryMs = FIRST_RETRY_MS
  #timer: NodeJS.Timeout | undefined
  #lastProblem: string | undefined
  #isClosed = false

  constructor(agent: WorkerAgent, options: MasterConnectionOptions) {
    this.#agent = agent
    this.#options = options
    this.#connect()
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
  }

  #connect(): void {
    const url = new URL('/workers', this.#options.url)
    url.protocol = url.protocol.replace('http', 'ws')
    const socket = new WebSocket(url, {
      headers: { authorization: `Bearer ${this.#options.token}` },
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      maxPayload: MAX_MESSAGE_BYTES,
      perMessageDeflate: false,
    })
    let isSettled = false
    socket.once('unexpected-response', (_request, { statusCode }) => {
      isSettled = true
      this.#failed(
        statusCode === 401
          ? 'The master rejects the token (401); use its LOAD_TOKEN.'
          : `The master responds with status ${statusCode}.`,
      )
      socket.terminate()
    })
    socket.on('error', (error) => {
      // An error after a response, or on an open connection, is reported elsewhere.
      if (isSettled) return
      this.#agent.masterIsGone()
      this.#failed(`The master at ${this.#options.url} can't be reached: ${error.message}`)
    })
    socket.once('open', () => {
      isSettled = true
      this.#attach(socket)
    })
  }

  #attach(socket: WebSocket): void {
    const connectedAt = performance.now()
    this.#agent.attach(new WebSocketChannel(socket, workerWireFormat), {
      onWelcome: () => {
        this.#lastProblem = undefined
        this.#options.log(`Connected to the master at ${this.#options.url}.`)
      },
      onClosed: (reason) => {
        // A master that refuses the worker immediately must not be asked again without a pause.
        if (performance.now() - connectedAt > MAX_RETRY_MS) this.#retryMs = AT_ONCE_MS
        this.#failed(`The connection to the master ended: ${reason}`)
        if (reason === MASTER_ENDS) this.#options.onMasterEnded?.()
      },
    })
  }

  #failed(problem: string): void {
    if (this.#isClosed) return
    if (problem !== this.#lastProblem) this.#options.log(problem)
    this.#lastProblem = problem
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#connect(), this.#retryMs * (0.75 + Math.random() / 2))
    this.#retryMs = Math.min(MAX_RETRY_MS, Math.max(FIRST_RETRY_MS, this.#retryMs * RETRY_FACTOR))
  }
}
