import type { MasterMessage, WorkerMessage } from './messages.ts'

/** One end of a connection between a master and a worker, over a WebSocket or within a process. */
export interface Channel<Sent, Received> {
  send(message: Sent): void
  /** Sets who takes messages; those that came before wait for it. */
  onMessage(listener: (message: Received) => void): void
  /** Sets who is told, once, that nothing more will come. */
  onClose(listener: (reason: string) => void): void
  close(reason: string): void
}

export type MasterChannel = Channel<MasterMessage, WorkerMessage>
export type WorkerChannel = Channel<WorkerMessage, MasterMessage>

class MemoryEnd<Sent, Received> implements Channel<Sent, Received> {
  peer: MemoryEnd<Received, Sent> | undefined
  #listener: ((message: Received) => void) | undefined
  #closeListener: ((reason: string) => void) | undefined
  #waiting: Received[] = []
  #closed: string | undefined

  send(message: Sent): void {
    const peer = this.peer
    if (this.#closed !== undefined || peer === undefined) return
    setImmediate(() => peer.#take(message))
  }

  onMessage(listener: (message: Received) => void): void {
    this.#listener = listener
    for (const message of this.#waiting.splice(0)) listener(message)
  }

  onClose(listener: (reason: string) => void): void {
    this.#closeListener = listener
    if (this.#closed !== undefined) listener(this.#closed)
  }

  close(reason: string): void {
    if (this.#closed !== undefined) return
    this.#closed = reason
    const peer = this.peer
    setImmediate(() => {
      this.#closeListener?.(reason)
      peer?.close(reason)
    })
  }

  #take(message: Received): void {
    if (this.#listener === undefined) this.#waiting.push(message)
    else this.#listener(message)
  }
}

/** Two ends of a connection within one process. */
export function createMemoryChannel(): { readonly master: MasterChannel; readonly worker: WorkerChannel } {
  const master = new MemoryEnd<MasterMessage, WorkerMessage>()
  const worker = new MemoryEnd<WorkerMessage, MasterMessage>()
  master.peer = worker
  worker.peer = master
  return { master, worker }
}
