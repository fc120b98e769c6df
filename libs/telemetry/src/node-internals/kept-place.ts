import type { Worker } from 'node:cluster'
import type { Handoffs } from './handoffs.ts'

/** The place of a worker among those to whom node:cluster hands connections. */
export interface Place {
  /** Whether the worker has died and its place is kept. */
  readonly isKept: boolean
  /** Gives up a place that is kept; the connections that waited there go to other workers. */
  release(): void
}

/** An id that node:cluster gives to no worker. */
const NOBODY = -1

/**
 * Keeps the place of a worker that dies where `isNeeded` says so then: for the only one that takes requests. Without anybody to hand connections to
 * node:cluster stops listening, and all who come are refused until the next worker is ready; so they wait for it.
 *
 * node:cluster forgets a worker by its id, when the process has ended and when its channel has. In these moments a worker whose place is kept has
 * another. Should that ever change, the service stops listening as ever.
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
