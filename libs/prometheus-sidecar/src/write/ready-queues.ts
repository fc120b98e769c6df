import type { SeriesQueue } from './series-queue.ts'

/** The API's limit. */
const MAX_SERIES_PER_REQUEST = 200
/** Of all that is the same for each point of a series. With the points a request stays below the 4 MiB that gRPC servers take. */
const MAX_IDENTITY_BYTES_PER_REQUEST = 2 * 1024 * 1024

/** Queues that have something to write, in the order in which they came. */
export class ReadyQueues {
  /** Those before `#start` are taken. */
  #queues: SeriesQueue[] = []
  #start = 0

  get isEmpty(): boolean {
    return this.#start >= this.#queues.length
  }

  /** Puts a queue at the end, unless it stands in line or has nothing to write now. */
  add(queue: SeriesQueue): void {
    if (queue.inFlight || queue.ready || queue.head === undefined) return
    queue.ready = true
    this.#queues.push(queue)
  }

  /** Takes the queues of one request off; they are in flight then. */
  take(): SeriesQueue[] {
    const taken: SeriesQueue[] = []
    let identityBytes = 0
    while (taken.length < MAX_SERIES_PER_REQUEST && this.#start < this.#queues.length) {
      const queue = this.#queues[this.#start]
      identityBytes += queue?.identity.length ?? 0
      if (taken.length > 0 && identityBytes > MAX_IDENTITY_BYTES_PER_REQUEST) break
      this.#start += 1
      if (queue === undefined) continue
      queue.ready = false
      if (queue.head?.point === undefined) continue
      queue.inFlight = true
      taken.push(queue)
    }
    if (this.#start > 4096 && this.#start * 2 > this.#queues.length) {
      this.#queues = this.#queues.slice(this.#start)
      this.#start = 0
    }
    return taken
  }
}
