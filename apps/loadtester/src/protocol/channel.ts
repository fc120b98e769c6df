import { debug } from './debug-log.ts'
import type { MasterMessage, WorkerMessage } from './messages.ts'

/** One end of a connection between a master and a worker, over a WebSocket or within a process. */
export interface Channel<Sent, Received> {
  send(message: Sent): void
  /** Sets the receiver; messages that came earlier have waited for it. */
  onMessage(listener: (message: Received) => void): void
  /** Sets the callback for the end of the channel; it is called once. */
  onClose(listener: (reason: string) => void): void
  close(reason: string): void
}

export type MasterChannel = Channel<MasterMessage, WorkerMessage>
export type WorkerChannel = Channel<WorkerMessage, MasterMessage>

/** The receiving half of a channel. */
export abstract class ChannelEnd<Sent, Received> implements Channel<Sent, Received> {
  #listener: ((message: Received) => void) | undefined
  #closeListener: ((reason: string) => void) | undefined
  readonly #waiting: Received[] = []
  #closeReason: string | undefined

  abstract send(message: Sent): void
  abstract close(reason: string): void

  onMessage(listener: (message: Received) => void): void {
    this.#listener = listener
    for (const message of this.#waiting.splice(0)) listener(message)
  }

  onClose(listener: (reason: string) => void): void {
    this.#closeListener = listener
    if (this.#closeReason !== undefined) listener(this.#closeReason)
  }

  protected get isClosed(): boolean {
    return this.#closeReason !== undefined
  }

  protected receive(message: Received): void {
    if (this.isClosed) return
    if (this.#listener === undefined) this.#waiting.push(message)
    else this.#listener(message)
  }

  protected end(reason: string): void {
    if (this.isClosed) return
    debug('connection ended: %s', reason)
    this.#closeReason = reason
    this.#closeListener?.(reason)
  }
}
