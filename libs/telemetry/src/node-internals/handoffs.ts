import type { ChildProcess } from 'node:child_process'
import type { Worker } from 'node:cluster'

/** The connections that node:cluster has sent to a worker and that the worker has not acknowledged yet. */
export interface Handoffs {
  readonly count: number
  /** Hands them to other workers; call it when the worker has died. */
  rescue(): void
  /**
   * Holds connections for the worker back from now on until they are rescued; for a dead worker whose place is kept.
   */
  gather(): void
}

/**
 * Watches the connections that node:cluster sends to a worker. If a worker dies before it has acknowledged one, Node
 * forgets the connection, which stays open without a response. `rescue` refuses it on behalf of the dead worker, as a
 * closing worker does.
 *
 * A worker that has no descriptor for a connection does not receive it and notifies Node, which forgets the connection
 * too, and never gives the worker another one. Such a connection is closed here.
 *
 * Relies on node:cluster's internal messages. If they change, connections are no longer rescued; nothing else breaks.
 *
 * @param onLost called when a connection was closed because the worker had no descriptor for it
 */
export function watchHandoffs(worker: Worker, onLost: () => void = () => {}): Handoffs {
  const { process } = worker
  const pending = new Set<number>()
  /**
   * The messages with a handle that the worker has not received yet, in order: the numbers of those that are
   * connections.
   */
  const inTransit: (number | undefined)[] = []
  let isGathering = false
  const acknowledge = (sequence: number, accepted: boolean) =>
    process.emit('internalMessage', { cmd: 'NODE_CLUSTER', ack: sequence, accepted }, undefined)
  const send = process.send.bind(process)
  process.send = (message: object, ...rest: unknown[]) => {
    const sequence = sequenceOfHandoff(message)
    if (sequence !== undefined) pending.add(sequence)
    if (!isGathering && rest[0] instanceof Object && typeof rest[0] !== 'function') inTransit.push(sequence)
    return isGathering || Reflect.apply(send, process, [message, ...rest])
  }
  process.on('internalMessage', (message: unknown) => {
    if (typeof message !== 'object' || message === null) return
    if ('ack' in message) pending.delete(Number(message.ack))
    if (!('cmd' in message) || (message.cmd !== 'NODE_HANDLE_ACK' && message.cmd !== 'NODE_HANDLE_NACK')) return
    const received = inTransit.shift()
    if (message.cmd === 'NODE_HANDLE_ACK' || received === undefined) return
    onLost()
    // As if the worker had received it, so that its own copy is closed.
    acknowledge(received, true)
  })
  return {
    get count() {
      return pending.size
    },
    rescue() {
      // A refused connection may immediately be sent to the same worker again.
      const sequences = [...pending]
      pending.clear()
      for (const sequence of sequences) acknowledge(sequence, false)
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
