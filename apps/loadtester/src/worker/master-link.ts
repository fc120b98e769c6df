import type { WorkerChannel } from '../protocol/channel.ts'
import { debug } from '../protocol/debug-log.ts'
import { FleetClock, localNow } from '../protocol/fleet-clock.ts'
import { HEARTBEAT_MS, type Hello, type MasterMessage, SILENCE_MS, type WorkerMessage } from '../protocol/messages.ts'

/** Pings after the welcome: several of them, so that the clock is accurate early. */
const FIRST_PINGS = 4

/** Notified of the state of a connection to a master. */
export interface AttachmentListener {
  /** The master accepted the worker. */
  readonly onWelcome?: () => void
  /** The connection is over. */
  readonly onClosed?: (reason: string) => void
}

export interface MasterLinkOptions {
  /** Introduces the worker, once for each connection. */
  readonly hello: () => Hello
  readonly onMessage: (message: MasterMessage) => void
  readonly onClosed: () => void
}

/** A worker's connection to its master: greeting, heartbeat, and the fleet's clock. */
export class MasterLink {
  readonly clock = new FleetClock()
  readonly #options: MasterLinkOptions
  #channel: WorkerChannel | undefined
  #isWelcome = false
  #lastHeardAt = 0
  #beatAt = 0
  #heartbeat: NodeJS.Timeout | undefined

  constructor(options: MasterLinkOptions) {
    this.#options = options
  }

  /** Whether there is a connection. What is sent before the welcome is read after the hello. */
  get isOpen(): boolean {
    return this.#channel !== undefined
  }

  /** Whether the master has accepted the worker. */
  get isWelcome(): boolean {
    return this.#isWelcome
  }

  /** Uses a new connection from now on. */
  attach(channel: WorkerChannel, { onWelcome, onClosed }: AttachmentListener = {}): void {
    this.#channel = channel
    this.#isWelcome = false
    this.clock.reset()
    this.#lastHeardAt = performance.now()
    this.#beatAt = this.#lastHeardAt
    channel.onMessage((message) => {
      this.#lastHeardAt = performance.now()
      debug('master: %s', message.type)
      this.#take(message)
      this.#options.onMessage(message)
      if (message.type === 'welcome') onWelcome?.()
    })
    channel.onClose((reason) => {
      if (this.#channel !== channel) return
      this.#channel = undefined
      this.#isWelcome = false
      clearInterval(this.#heartbeat)
      this.#options.onClosed()
      onClosed?.(reason)
    })
    this.send(this.#options.hello())
    clearInterval(this.#heartbeat)
    this.#heartbeat = setInterval(() => this.#beat(channel), HEARTBEAT_MS).unref()
    this.ping()
  }

  send(message: WorkerMessage): void {
    this.#channel?.send(message)
  }

  close(reason: string): void {
    clearInterval(this.#heartbeat)
    this.#channel?.close(reason)
  }

  #take(message: MasterMessage): void {
    if (message.type === 'welcome') {
      this.#isWelcome = true
      for (let count = 0; count < FIRST_PINGS; count++) this.ping()
    } else if (message.type === 'refused') {
      this.close(`the master refuses this worker: ${message.reason}`)
    } else if (message.type === 'pong') {
      this.clock.addAnswer({ sentMs: message.sentMs, masterMs: message.masterMs, receivedMs: localNow() })
    }
  }

  #beat(channel: WorkerChannel): void {
    const now = performance.now()
    // If this process was suspended, the master's messages of that time are still unread.
    if (now - this.#beatAt > 1.5 * HEARTBEAT_MS) this.#lastHeardAt += now - this.#beatAt
    this.#beatAt = now
    if (now - this.#lastHeardAt > SILENCE_MS) channel.close('the master is silent')
    else this.ping()
  }

  /** Asks the master for its clock, which also shows that it still has this worker. */
  ping(): void {
    this.send({ type: 'ping', sentMs: localNow() })
  }
}
