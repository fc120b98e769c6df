import { WebSocket } from 'ws'
import { type MasterMessage, maximumMessageBytes, type WorkerMessage } from '../protocol/messages.ts'
import { parseMasterMessage } from '../protocol/parse-message.ts'
import { WebSocketChannel } from '../protocol/websocket-channel.ts'
import type { WorkerAgent } from './worker-agent.ts'

export interface MasterConnectionOptions {
  /** The master's base URL. */
  readonly url: string
  readonly token: string
  readonly log: (message: string) => void
}

const firstRetryMs = 100
const lastRetryMs = 2000
const handshakeTimeoutMs = 3000

/** Keeps a worker connected to its master: tries again until it is closed. Says once why it has no connection. */
export class MasterConnection {
  readonly #agent: WorkerAgent
  readonly #options: MasterConnectionOptions
  #retryMs = firstRetryMs
  #timer: NodeJS.Timeout | undefined
  #lastProblem: string | undefined
  #closed = false

  constructor(agent: WorkerAgent, options: MasterConnectionOptions) {
    this.#agent = agent
    this.#options = options
    this.#connect()
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  #connect(): void {
    const url = new URL('/workers', this.#options.url)
    url.protocol = url.protocol.replace('http', 'ws')
    const socket = new WebSocket(url, {
      headers: { authorization: `Bearer ${this.#options.token}` },
      handshakeTimeout: handshakeTimeoutMs,
      maxPayload: maximumMessageBytes,
      perMessageDeflate: false,
    })
    let opened = false
    let answered = false
    socket.once('unexpected-response', (_request, response) => {
      answered = true
      this.#problem(
        response.statusCode === 401
          ? 'the master refuses the token (401); use its LOAD_TOKEN'
          : `the master answers ${response.statusCode}`,
      )
      socket.terminate()
      this.#retry()
    })
    socket.on('error', (error) => {
      // What follows an answer, or the end of a connection, says nothing new.
      if (opened || answered) return
      this.#problem(`the master at ${this.#options.url} can't be reached: ${error.message}`)
      this.#retry()
    })
    socket.once('open', () => {
      opened = true
      const connectedAt = performance.now()
      this.#agent.attach(new WebSocketChannel<WorkerMessage, MasterMessage>(socket, parseMasterMessage), {
        onWelcome: () => {
          this.#lastProblem = undefined
          this.#options.log(`Connected to the master at ${this.#options.url}.`)
        },
        onClosed: (reason) => {
          this.#problem(`the connection to the master ended: ${reason}`)
          // A master that refuses at once must not be asked without a pause.
          if (performance.now() - connectedAt > lastRetryMs) this.#retryMs = firstRetryMs
          this.#retry()
        },
      })
    })
  }

  #problem(text: string): void {
    if (text === this.#lastProblem || this.#closed) return
    this.#lastProblem = text
    this.#options.log(text)
  }

  #retry(): void {
    if (this.#closed) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#connect(), this.#retryMs * (0.75 + Math.random() / 2))
    this.#retryMs = Math.min(lastRetryMs, this.#retryMs * 1.6)
  }
}
