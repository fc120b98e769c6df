import cluster, { type Worker } from 'node:cluster'

/**
 * Starts a worker process, like `cluster.fork()`.
 *
 * If the system has no room for another process, or this one has no descriptors left, node:cluster returns a worker
 * without a process, which never exits and is never forgotten. Here it is forgotten immediately.
 *
 * @param onFailure called later with the reason if no process could be started
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
