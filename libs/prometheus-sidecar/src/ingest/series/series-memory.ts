import type { NativeHistogram } from '../../model/native-histogram.ts'

/** The memory of a series besides its labels, which are stored twice: as sent, and as those of its time series. */
const SERIES_BYTES = 1_200
const COPIES_OF_LABELS = 2.2
/** All of it is on the heap, unlike other series' memory, of which only 60 % is. */
const HISTOGRAM_BYTES = 600
const BUCKET_BYTES = 45
/** The baseline and the last one. */
const KEPT_HISTOGRAMS = 2

/** Estimates the memory of all series, which is limited. */
export class SeriesMemory {
  readonly maxBytes: number
  #usedBytes = 0

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes
  }

  get usedBytes(): number {
    return this.#usedBytes
  }

  /** Reserves memory for one more series with labels of this length; returns false if there is not enough left. */
  take(labelsBytes: number, nativeBytes = 0): boolean {
    const bytes = bytesOf(labelsBytes) + nativeBytes
    if (this.#usedBytes + bytes > this.maxBytes) return false
    this.#usedBytes += bytes
    return true
  }

  release(labelsBytes: number, nativeBytes = 0): void {
    this.#usedBytes -= bytesOf(labelsBytes) + nativeBytes
  }

  /** Adjusts the memory of a known series. */
  change(bytes: number): void {
    this.#usedBytes += bytes
  }
}

function bytesOf(labelsBytes: number): number {
  return SERIES_BYTES + COPIES_OF_LABELS * labelsBytes
}

/** The memory that a series of such native histograms takes. */
export function nativeBytesOf(histogram: NativeHistogram | undefined): number {
  if (histogram === undefined) return 0
  const { positive, negative, customBounds } = histogram
  const buckets = positive.indexes.length + negative.indexes.length + customBounds.length / 2
  return KEPT_HISTOGRAMS * (HISTOGRAM_BYTES + BUCKET_BYTES * buckets)
}
