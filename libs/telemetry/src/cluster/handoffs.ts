import type { Worker } from 'node:cluster'

/** The connections that were handed to a worker and that it has not taken yet. */
export interface Handoffs {
  /** How many there are. */
  readonly count: number
  /** Gives them to other workers: for a worker that has died. */
  rescue(): void
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
  const send = process.send.bind(process)
  process.send = (message: object, ...rest: unknown[]) => {
    const sequence = sequenceOfHandoff(message)
    if (sequence !== undefined) pending.add(sequence)
    return Reflect.apply(send, process, [message, ...rest])
  }
  process.on('internalMessage', (message: unknown) => {
    if (typeof message === 'object' && message !== null && 'ack' in message) pending.delete(Number(message.ack))
  })
  return {
    get count() {
      return pending.size
    },
    rescue() {
      for (const sequence of pending)
        process.emit('internalMessage', { cmd: 'NODE_CLUSTER', ack: sequence, accepted: false }, undefined)
      pending.clear()
    },
  }
}

function sequenceOfHandoff(message: object): number | undefined {
  if (!('act' in message && message.act === 'newconn' && 'seq' in message)) return undefined
  return typeof message.seq === 'number' ? message.seq : undefined
}
