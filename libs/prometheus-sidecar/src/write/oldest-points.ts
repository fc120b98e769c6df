import type { QueuedPoint, SeriesQueue } from './series-queue.ts'

/** Points in the order in which they were queued, so that the oldest can make room for new ones. */
export class OldestPoints {
  /** Those before `#start` are settled or in flight. */
  #points: { readonly queue: SeriesQueue; readonly queued: QueuedPoint }[] = []
  #start = 0

  add(queue: SeriesQueue, queued: QueuedPoint): void {
    this.#points.push({ queue, queued })
  }

  /** Displaces the oldest points that are not in flight, at most `count`. Gives how many. */
  displace(count: number): number {
    let displaced = 0
    for (; this.#start < this.#points.length; this.#start++) {
      const oldest = this.#points[this.#start]
      if (oldest === undefined) break
      // What is in flight can't be dropped any more.
      const inFlight = oldest.queue.inFlight && oldest.queue.head === oldest.queued
      if (oldest.queued.settled || inFlight) continue
      if (displaced === count) break
      displaced += 1
      oldest.queue.displaceOldest()
    }
    if (this.#start > 4096 && this.#start * 2 > this.#points.length) {
      this.#points = this.#points.slice(this.#start)
      this.#start = 0
    }
    return displaced
  }
}
