import type { ChildProcess } from 'node:child_process'
import type { Worker } from 'node:cluster'

/** The connections that node:cluster has sent to a worker and that it has not acknowledged yet. */
export interface Handoffs {
  readonly count: number
  /** Hands them to other workers; call it when the worker has died. */
  rescue(): void
  /** From now on holds connections for the worker back until they are rescued; for a dead worker whose place is kept. */
  gather(): void
}

/**
 * Watches the connections that node:cluster sends to a worker. When a worker dies before it has acknowledged one, Node forgets the connection, which stays
 * open without an answer. `rescue` refuses it on behalf of the dead worker, as a worker that is closing does.
 *
 * Relies on node:cluster's internal messages. If they change, connections are no longer rescued; nothing else breaks.
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
      // A refused connection may be sent to the same worker again at once.
      const sequences = [...pending]
      pending.clear()
      for (const sequence of sequences)
        process.emit('internalMessage', { cmd: 'NODE_CLUSTER', ack: sequence, accepted: false }, undefined)
    },
    gather() {
      isGathering = true
      // node:cluster drops connections for a process without a channel.
      const reachable: ChildProcess = Object.create(process, { connected: { value: true } })
      worker.process = reachable
    },
  }
}

function sequenceOfHandoff(message: object): number | undefined {
  if (!('act' in message && message.act === 'newconn' && 'seq' in message)) return undefined
  return typeof message.seq === 'number' ? message.seq : undefined
}
