import { getHeapStatistics } from 'node:v8'

/** How much memory the sidecar may spend on what. */
export interface MemoryLimits {
  /** Estimated memory of all series: what is known of them, on V8's heap and beside it. */
  readonly seriesBytes: number
  /** Bodies of remote_write that are open, as sent, and again decompressed. */
  readonly bodiesBytes: number
}

const MEBIBYTE = 1024 * 1024
/** What the process takes without any series. */
const BASE_BYTES = 120 * MEBIBYTE
/** What is on the heap without any series. */
const BASE_HEAP_BYTES = 48 * MEBIBYTE
/** Some 60 % of what a series takes is on the heap, of which the rest is left for points and for reading the state. */
const SERIES_PER_HEAP = 0.9
/** With a fuller heap, requests are to be sent again later. */
const TIGHT_HEAP = 0.85
const LOOK_EVERY_MS = 100
const SERIES_PER_MEMORY = 0.7
const BODIES_PER_MEMORY = 1 / 16
const MIN_BODIES_BYTES = 16 * MEBIBYTE
const MAX_BODIES_BYTES = 64 * MEBIBYTE

/**
 * Divides the memory that there is: V8 ends the process when its heap is full, and the system when the container's memory
 * is.
 *
 * @param heapBytes - the limit of V8's heap
 * @param memoryBytes - the limit of the container, or the memory of the machine
 */
export function divideMemory(heapBytes: number, memoryBytes: number): MemoryLimits {
  const forSeries = Math.min(
    (heapBytes - BASE_HEAP_BYTES) * SERIES_PER_HEAP,
    (memoryBytes - BASE_BYTES) * SERIES_PER_MEMORY,
  )
  return {
    seriesBytes: Math.max(MEBIBYTE, Math.floor(forSeries)),
    bodiesBytes: Math.min(MAX_BODIES_BYTES, Math.max(MIN_BODIES_BYTES, Math.floor(memoryBytes * BODIES_PER_MEMORY))),
  }
}

/** The limits of this process. */
export function memoryLimits(): MemoryLimits {
  return divideMemory(getHeapStatistics().heap_size_limit, process.constrainedMemory() || process.availableMemory())
}

/** Knows whether V8's heap is nearly full, with what is not collected yet. */
export class HeapWatch {
  #lookedMs = Number.NEGATIVE_INFINITY
  #isTight = false

  get isTight(): boolean {
    const nowMs = performance.now()
    if (nowMs - this.#lookedMs >= LOOK_EVERY_MS) {
      this.#lookedMs = nowMs
      const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics()
      this.#isTight = used > limit * TIGHT_HEAP
    }
    return this.#isTight
  }
}
