import type { ChildProcess } from 'node:child_process'
import type { Worker } from 'node:cluster'

/** The connections that were handed to a worker and that it has not taken yet. */
export interface Handoffs {
  /** How many there are. */
  readonly count: number
  /** Gives them to other workers: for a worker that has died. */
  rescue(): void
  /** From now on keeps what is handed to the worker until it is rescued: for a worker that has died and whose place is kept. */
  gather(): void
}

/**
 * Keeps an eye on the connections that node:cluster hands to a worker. When a worker dies before it has taken one, Node forgets it: it stays
 * open without an answer. `rescue` answers in the place of the dead worker that it refuses, as a worker does that is closing.
 *
 * It reads the messages of node:cluster's own protocol; should they ever change, nothing is rescued and nothing else breaks.
 */
export function watchHandoffs(worker: Worker): Handoffs {
  const { process } = worker
  const pending = new Set<number>()
  let isGathering = false
  const send = process.send.bind(process)
  process.send = (message: object, ...rest: unknown[]) => {
    const sequence = sequenceOfHandoff(message)
    if (sequence !== undefined) pending.add(sequence)
    return isGathering || Reflect.apply(send, process, [message, ...rest])
  }
  process.on('internalMessage', (message: unknown) => {
    if (typeof message === 'object' && message !== null && 'ack' in message) pending.delete(Number(message.ack))
  })
  return {
    get count() {
      return pending.size
    },
    rescue() {
      // One that is refused may be handed to the same worker again at once.
      const sequences = [...pending]
      pending.clear()
      for (const sequence of sequences)
        process.emit('internalMessage', { cmd: 'NODE_CLUSTER', ack: sequence, accepted: false }, undefined)
    },
    gather() {
      isGathering = true
      // To a process without a channel node:cluster hands a connection as into the void.
      const reachable: ChildProcess = Object.create(process, { connected: { value: true } })
      worker.process = reachable
    },
  }
}

function sequenceOfHandoff(message: object): number | undefined {
  if (!('act' in message && message.act === 'newconn' && 'seq' in message)) return undefined
  return typeof message.seq === 'number' ? message.seq : undefined
}
