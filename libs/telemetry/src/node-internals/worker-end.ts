import type { Worker } from 'node:cluster'
import type { Handoffs } from './handoffs.ts'

/** How long the channel of a dead worker may still deliver messages. */
const CHANNEL_GRACE_MS = 200

/**
 * Resolves when a worker has exited and its last message has been read; by then, connections that were being handed to
 * it have gone to others.
 *
 * If a worker is killed while a connection is being handed to it, Node waits for an acknowledgement that never comes:
 * its channel never emits `disconnect`, and node:cluster keeps sending connections to the dead worker. The event is
 * emitted here instead.
 */
export async function workerEnded(worker: Worker, handoffs: Handoffs): Promise<void> {
  const { process } = worker
  const disconnected = new Promise<void>((resolve) => process.once('disconnect', () => resolve()))
  await new Promise<void>((resolve) => process.once('exit', () => resolve()))
  const timer = setTimeout(() => process.emit('disconnect'), CHANNEL_GRACE_MS)
  await disconnected
  clearTimeout(timer)
  handoffs.rescue()
}
