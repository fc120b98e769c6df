import type { QueuedPoint, SeriesQueue } from './series-queue.ts'

/**
 * Points in the order in which they were queued, so that new ones can displace the oldest: a ring that grows to as many
 * as wait at a time, without an object for each point.
 */
export class OldestPoints {
  #queues: (SeriesQueue | undefined)[] = new Array(INITIAL_CAPACITY).fill(undefined)
  #points: (QueuedPoint | undefined)[] = new Array(INITIAL_CAPACITY).fill(undefined)
  #sequences: number[] = new Array(INITIAL_CAPACITY).fill(0)
  #start = 0
  #size = 0

  add(queue: SeriesQueue, queued: QueuedPoint): void {
    if (this.#size === this.#points.length) this.#grow()
    const place = (this.#start + this.#size) & (this.#points.length - 1)
    this.#queues[place] = queue
    this.#points[place] = queued
    this.#sequences[place] = queued.sequence
    this.#size += 1
  }

  /** Displaces up to `count` of the oldest points that are not in flight. Returns how many. */
  displace(count: number): number {
    let displaced = 0
    while (this.#size > 0) {
      const queue = this.#queues[this.#start]
      const queued = this.#points[this.#start]
      const isQueued = queued?.settled === false && queued.sequence === this.#sequences[this.#start]
      if (isQueued && !(queue?.inFlight === true && queue.head === queued)) {
        if (displaced === count) break
        displaced += 1
        queue?.displaceOldest()
      }
      this.#shift()
    }
    return displaced
  }

  #shift(): void {
    this.#queues[this.#start] = undefined
    this.#points[this.#start] = undefined
    this.#start = (this.#start + 1) & (this.#points.length - 1)
    this.#size -= 1
  }

  #grow(): void {
    this.#queues = unrolled(this.#queues, this.#start, undefined)
    this.#points = unrolled(this.#points, this.#start, undefined)
    this.#sequences = unrolled(this.#sequences, this.#start, 0)
    this.#start = 0
  }
}

/** A power of two, as all capacities. */
const INITIAL_CAPACITY = 1024

/** The items of a full ring from its start, with as many free places behind them. */
function unrolled<Item>(ring: readonly Item[], start: number, free: Item): Item[] {
  return [...ring.slice(start), ...ring.slice(0, start), ...new Array<Item>(ring.length).fill(free)]
}
