import { Fifo } from './fifo.ts'
import type { QueuedPoint, SeriesQueue } from './series-queue.ts'

/** Points in the order in which they were queued, so that new ones can displace the oldest. */
export class OldestPoints {
  readonly #points = new Fifo<{
    readonly queue: SeriesQueue
    readonly queued: QueuedPoint
    readonly sequence: number
  }>()

  add(queue: SeriesQueue, queued: QueuedPoint): void {
    this.#points.push({ queue, queued, sequence: queued.sequence })
  }

  /** Displaces up to `count` of the oldest points that are not in flight. Returns how many. */
  displace(count: number): number {
    let displaced = 0
    for (let oldest = this.#points.first; oldest !== undefined; oldest = this.#points.first) {
      const { queue, queued, sequence } = oldest
      const isInFlight = queue.inFlight && queue.head === queued
      if (!queued.settled && queued.sequence === sequence && !isInFlight) {
        if (displaced === count) break
        displaced += 1
        queue.displaceOldest()
      }
      this.#points.shift()
    }
    return displaced
  }
}
