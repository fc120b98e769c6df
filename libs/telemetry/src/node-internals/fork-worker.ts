import cluster, { type Worker } from 'node:cluster'

/**
 * Starts a worker process, like `cluster.fork()`.
 *
 * When the system has no room for another process, or this one has no descriptors left, node:cluster gives a worker without a process, which never ends
 * and is never forgotten. Here it is forgotten at once.
 *
 * @param onFailure called later with the reason, where no process could be started
 * @returns the worker; `undefined` if no process could be started
 */
export function forkWorker(onFailure: (error: Error) => void): Worker | undefined {
  const worker = cluster.fork()
  if (worker.process.pid !== undefined) return worker
  worker.on('error', () => {})
  worker.process.once('error', onFailure)
  if (cluster.workers !== undefined) delete cluster.workers[worker.id]
  return undefined
}
