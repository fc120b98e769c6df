import { ChannelEnd, type MasterChannel, type WorkerChannel } from './channel.ts'
import type { MasterMessage, WorkerMessage } from './messages.ts'

class MemoryEnd<Sent, Received> extends ChannelEnd<Sent, Received> {
  peer: MemoryEnd<Received, Sent> | undefined

  send(message: Sent): void {
    if (!this.isClosed) setImmediate(() => this.peer?.receive(message))
  }

  close(reason: string): void {
    if (this.isClosed) return
    this.end(reason)
    setImmediate(() => this.peer?.close(reason))
  }
}

/** Both ends of a connection within one process. Messages are passed on as they are, not copied. */
export function createMemoryChannel(): { readonly master: MasterChannel; readonly worker: WorkerChannel } {
  const master = new MemoryEnd<MasterMessage, WorkerMessage>()
  const worker = new MemoryEnd<WorkerMessage, MasterMessage>()
  master.peer = worker
  worker.peer = master
  return { master, worker }
}
