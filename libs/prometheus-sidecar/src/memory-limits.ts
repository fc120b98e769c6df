import { totalmem } from 'node:os'
import { getHeapStatistics } from 'node:v8'

/** How the sidecar's memory is divided. */
export interface MemoryLimits {
  /** Estimated memory of all series, on V8's heap and outside it. */
  readonly seriesBytes: number
  /** Parts of histograms that wait for the others. */
  readonly waitingParts: number
  /** Bodies of open remote_write requests, both as sent and decompressed. */
  readonly bodiesBytes: number
  /** Series, samples, exemplars and metadata in all open remote_write requests together. */
  readonly items: number
}

const MEBIBYTE = 1024 * 1024
/** What the process takes without any series. */
const BASE_BYTES = 120 * MEBIBYTE
/** What is on the heap without any series. */
const BASE_HEAP_BYTES = 48 * MEBIBYTE
/** Some 60 % of a series' memory is on the heap; the rest of the heap is left for points and for reading the state. */
const SERIES_PER_HEAP = 0.9
/** Above this share of the heap, requests have to be sent again later. */
const TIGHT_HEAP = 0.85
const CHECK_INTERVAL_MS = 100
const SERIES_PER_MEMORY = 0.7
const HEAP_PER_SERIES_BYTES = 0.6
const WAITING_PART_BYTES = 150
const MIN_WAITING_PARTS = 20_000
const MAX_WAITING_PARTS = 1_000_000
/** On the part of the heap that is not for series; includes the points. */
const ITEM_BYTES = 200
const ITEMS_PER_HEAP = 1 - TIGHT_HEAP
const MIN_ITEMS = 20_000
const MAX_ITEMS = 5_000_000
const BODIES_PER_MEMORY = 1 / 16
const MIN_BODIES_BYTES = 16 * MEBIBYTE
const MAX_BODIES_BYTES = 64 * MEBIBYTE

/**
 * Divides the available memory: V8 ends the process when its heap is full, and the system when the container's memory
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
  const spareBytes = heapBytes * TIGHT_HEAP - BASE_HEAP_BYTES - seriesBytes * HEAP_PER_SERIES_BYTES
  const parts = Math.floor(spareBytes / WAITING_PART_BYTES)
  return {
    seriesBytes,
    waitingParts: Math.min(MAX_WAITING_PARTS, Math.max(MIN_WAITING_PARTS, parts)),
    items: Math.min(MAX_ITEMS, Math.max(MIN_ITEMS, Math.floor((heapBytes * ITEMS_PER_HEAP) / ITEM_BYTES))),
    bodiesBytes: Math.min(MAX_BODIES_BYTES, Math.max(MIN_BODIES_BYTES, Math.floor(memoryBytes * BODIES_PER_MEMORY))),
  }
}

const MAX_OLD_SPACE = /^--max[-_]old[-_]space[-_]size(?<percentage>[-_]percentage)?=(?<size>\d+(?:\.\d+)?)$/

/**
 * The limit of V8's heap. If it is set by a flag, V8 reports a higher one, which includes the maximum of its young
 * generation.
 *
 * @param flags - of Node; the last one takes precedence
 * @param memoryBytes - what a percentage refers to
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

/** Reports whether V8's heap is nearly full, including what is not collected yet. */
export class HeapWatch {
  readonly #limitBytes = heapLimitBytes()
  #checkedMs = Number.NEGATIVE_INFINITY
  #isTight = false

  get isTight(): boolean {
    const nowMs = performance.now()
    if (nowMs - this.#checkedMs >= CHECK_INTERVAL_MS) {
      this.#checkedMs = nowMs
      this.#isTight = getHeapStatistics().used_heap_size > this.#limitBytes * TIGHT_HEAP
    }
    return this.#isTight
  }
}
