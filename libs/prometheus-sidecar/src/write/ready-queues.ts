import type { SeriesQueue } from './series-queue.ts'

/** Limit of the API. */
const MAX_SERIES_PER_REQUEST = 200
/** With this many points, a request stays below the 4 MiB that gRPC servers accept. */
const MAX_IDENTITY_BYTES_PER_REQUEST = 2 * 1024 * 1024

/** Queues that have something to write, in the order in which they became ready. */
export class ReadyQueues {
  #first: SeriesQueue | undefined = undefined
  #last: SeriesQueue | undefined = undefined

  get isEmpty(): boolean {
    return this.#first === undefined
  }

  /** Adds a queue, unless it is already here or has nothing to write now. */
  add(queue: SeriesQueue): void {
    if (queue.inFlight || queue.ready || queue.head === undefined) return
    queue.ready = true
    if (this.#last === undefined) this.#first = queue
    else this.#last.nextReady = queue
    this.#last = queue
  }

  /** Removes the queues of one request, and marks them as in flight. */
  take(): SeriesQueue[] {
    const taken: SeriesQueue[] = []
    let identityBytes = 0
    for (let queue = this.#first; queue !== undefined; queue = this.#first) {
      identityBytes += queue.identity.length
      if (taken.length === MAX_SERIES_PER_REQUEST) break
      if (taken.length > 0 && identityBytes > MAX_IDENTITY_BYTES_PER_REQUEST) break
      this.#first = queue.nextReady
      if (this.#first === undefined) this.#last = undefined
      queue.nextReady = undefined
      queue.ready = false
      if (queue.head?.point === undefined) continue
      queue.inFlight = true
      taken.push(queue)
    }
    return taken
  }
}
