import { totalmem } from 'node:os'
import { getHeapStatistics } from 'node:v8'

/** How much memory the sidecar may spend on what. */
export interface MemoryLimits {
  /** Estimated memory of all series: what is known of them, on V8's heap and beside it. */
  readonly seriesBytes: number
  /** Parts of histograms that wait for the others. */
  readonly waitingParts: number
  /** Bodies of remote_write that are open, as sent, and again decompressed. */
  readonly bodiesBytes: number
  /** Series, samples, exemplars and metadata in all requests of remote_write that are open, together. */
  readonly items: number
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
const HEAP_PER_SERIES_BYTES = 0.6
const WAITING_PART_BYTES = 150
const MIN_WAITING_PARTS = 20_000
const MAX_WAITING_PARTS = 1_000_000
/** Of the heap that is not for series, with what its points take. */
const ITEM_BYTES = 200
const ITEMS_PER_HEAP = 1 - TIGHT_HEAP
const MIN_ITEMS = 20_000
const MAX_ITEMS = 5_000_000
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
  const seriesBytes = Math.max(MEBIBYTE, Math.floor(forSeries))
  const sparedBytes = heapBytes * TIGHT_HEAP - BASE_HEAP_BYTES - seriesBytes * HEAP_PER_SERIES_BYTES
  const parts = Math.floor(sparedBytes / WAITING_PART_BYTES)
  return {
    seriesBytes,
    waitingParts: Math.min(MAX_WAITING_PARTS, Math.max(MIN_WAITING_PARTS, parts)),
    items: Math.min(MAX_ITEMS, Math.max(MIN_ITEMS, Math.floor((heapBytes * ITEMS_PER_HEAP) / ITEM_BYTES))),
    bodiesBytes: Math.min(MAX_BODIES_BYTES, Math.max(MIN_BODIES_BYTES, Math.floor(memoryBytes * BODIES_PER_MEMORY))),
  }
}

const MAX_OLD_SPACE = /^--max[-_]old[-_]space[-_]size(?<percentage>[-_]percentage)?=(?<size>\d+(?:\.\d+)?)$/

/**
 * What V8 may keep on its heap. Where a flag sets that, V8 reports more: it adds the most that its young generation may
 * take.
 *
 * @param flags - of Node, the one that counts last
 * @param memoryBytes - what a percentage is of
 */
export function heapLimit(flags: readonly string[], reportedBytes: number, memoryBytes: number): number {
  const limitOf = (flag: string) => {
    const { size, percentage } = MAX_OLD_SPACE.exec(flag)?.groups ?? {}
    return Number(size) * (percentage === undefined ? MEBIBYTE : memoryBytes / 100)
  }
  const limit = flags.map(limitOf).findLast((bytes) => bytes > 0)
  return limit === undefined ? reportedBytes : Math.min(reportedBytes, limit)
}

function heapLimitBytes(): number {
  const flags = [...(process.env.NODE_OPTIONS ?? '').split(/\s+/), ...process.execArgv]
  return heapLimit(flags, getHeapStatistics().heap_size_limit, process.constrainedMemory() || totalmem())
}

/** The limits of this process. */
export function memoryLimits(): MemoryLimits {
  return divideMemory(heapLimitBytes(), process.constrainedMemory() || process.availableMemory())
}

/** Knows whether V8's heap is nearly full, with what is not collected yet. */
export class HeapWatch {
  readonly #limitBytes = heapLimitBytes()
  #lookedMs = Number.NEGATIVE_INFINITY
  #isTight = false

  get isTight(): boolean {
    const nowMs = performance.now()
    if (nowMs - this.#lookedMs >= LOOK_EVERY_MS) {
      this.#lookedMs = nowMs
      this.#isTight = getHeapStatistics().used_heap_size > this.#limitBytes * TIGHT_HEAP
    }
    return this.#isTight
  }
}
