import type { Worker } from 'node:cluster'
import type { Handoffs } from './handoffs.ts'

/** How long the channel of a dead worker may still give messages. */
const CHANNEL_GRACE_MS = 200

/**
 * Resolves when a worker has ended, or could not be started, and the last of its messages is read; connections that were being handed to it have
 * then gone to others.
 *
 * A worker that is killed while a connection is handed to it leaves Node waiting for an acknowledgement that never comes: its channel never says
 * `disconnect`, and node:cluster goes on to hand connections to the dead worker. It is said here in its place.
 */
export async function workerEnded(worker: Worker, handoffs: Handoffs): Promise<void> {
  const { process } = worker
  const disconnected = new Promise<void>((resolve) => process.once('disconnect', () => resolve()))
  await new Promise<void>((resolve) => {
    process.once('exit', () => resolve())
    // A process that could not be started has no exit.
    if (process.pid === undefined) process.once('error', () => resolve())
  })
  const timer = setTimeout(() => process.emit('disconnect'), CHANNEL_GRACE_MS)
  await disconnected
  clearTimeout(timer)
  handoffs.rescue()
}
