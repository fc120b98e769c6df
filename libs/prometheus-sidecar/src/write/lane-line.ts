import type { Lane } from './lane.ts'

/** The API's limit. */
const MAX_SERIES_PER_REQUEST = 200
/** Of all that is the same for each point of a series. With the points a request stays below the 4 MiB that gRPC servers take. */
const MAX_IDENTITY_BYTES_PER_REQUEST = 2 * 1024 * 1024

/** Lanes that have something to write, in the order in which they came. */
export class LaneLine {
  /** Those before `#start` are taken. */
  #lanes: Lane[] = []
  #start = 0

  get isEmpty(): boolean {
    return this.#start >= this.#lanes.length
  }

  /** Puts a lane at the end, unless it stands in line or has nothing to write now. */
  add(lane: Lane): void {
    if (lane.inFlight || lane.ready || lane.head === undefined) return
    lane.ready = true
    this.#lanes.push(lane)
  }

  /** Takes the lanes of one request off; they are in flight then. */
  take(): Lane[] {
    const taken: Lane[] = []
    let identityBytes = 0
    while (taken.length < MAX_SERIES_PER_REQUEST && this.#start < this.#lanes.length) {
      const lane = this.#lanes[this.#start]
      identityBytes += lane?.identity.length ?? 0
      if (taken.length > 0 && identityBytes > MAX_IDENTITY_BYTES_PER_REQUEST) break
      this.#start += 1
      if (lane === undefined) continue
      lane.ready = false
      if (lane.head?.point === undefined) continue
      lane.inFlight = true
      taken.push(lane)
    }
    if (this.#start > 4096 && this.#start * 2 > this.#lanes.length) {
      this.#lanes = this.#lanes.slice(this.#start)
      this.#start = 0
    }
    return taken
  }
}
