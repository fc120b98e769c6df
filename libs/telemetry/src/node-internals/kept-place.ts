import type { Worker } from 'node:cluster'
import type { Handoffs } from './handoffs.ts'

/** The place of a worker among those that node:cluster sends connections to. */
export interface Place {
  /** Whether the worker has died and its place is kept. */
  readonly isKept: boolean
  /** Gives up a kept place; the connections that waited for it go to other workers. */
  release(): void
}

/** An id that no worker has. */
const NOBODY = -1

/**
 * Keeps the place of a worker that dies while `isNeeded()`, that is, of the only one that accepts requests. Without any
 * worker, node:cluster stops listening, and connections are refused until the next worker is ready; with a kept place
 * they wait for it.
 *
 * Relies on node:cluster forgetting a worker by its id when its process or its channel ends: at these moments a worker
 * whose place is kept has another id. If that changes, the service stops listening as it would without this.
 */
export function watchPlace(worker: Worker, handoffs: Handoffs, isNeeded: () => boolean): Place {
  const { id, process } = worker
  let isKept = false
  for (const event of ['exit', 'disconnect']) {
    process.prependListener(event, () => {
      if (!isKept && isNeeded()) {
        isKept = true
        handoffs.gather()
      }
      if (isKept) worker.id = NOBODY
    })
    process.on(event, () => {
      worker.id = id
    })
  }
  return {
    get isKept() {
      return isKept
    },
    release() {
      if (!isKept) return
      worker.disconnect()
      handoffs.rescue()
    },
  }
}
