import type { NativeHistogram } from '../../model/native-histogram.ts'

/** What a series takes beside its labels, which are kept twice: as sent, and as those of its time series. */
const SERIES_BYTES = 1_200
const COPIES_OF_LABELS = 2.2
/** All of it is on the heap, which is but 60 % of what other series take. */
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

  /** Takes the memory of one more series with labels of this length; returns false if there is not so much left. */
  take(labelsBytes: number, nativeBytes = 0): boolean {
    const bytes = bytesOf(labelsBytes) + nativeBytes
    if (this.#usedBytes + bytes > this.maxBytes) return false
    this.#usedBytes += bytes
    return true
  }

  giveBack(labelsBytes: number, nativeBytes = 0): void {
    this.#usedBytes -= bytesOf(labelsBytes) + nativeBytes
  }

  /** A known series takes more from now on, or less. */
  change(bytes: number): void {
    this.#usedBytes += bytes
  }
}

function bytesOf(labelsBytes: number): number {
  return SERIES_BYTES + COPIES_OF_LABELS * labelsBytes
}

/** What the native histograms of a series take that are like this one. */
export function nativeBytesOf(histogram: NativeHistogram | undefined): number {
  if (histogram === undefined) return 0
  const { positive, negative, customBounds } = histogram
  const buckets = positive.indexes.length + negative.indexes.length + customBounds.length / 2
  return KEPT_HISTOGRAMS * (HISTOGRAM_BYTES + BUCKET_BYTES * buckets)
}
