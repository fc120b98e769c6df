/** What a series takes beside its labels, which are kept twice: as sent, and as those of its time series. */
const SERIES_BYTES = 1_200
const COPIES_OF_LABELS = 2.2

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
  take(labelsBytes: number): boolean {
    const bytes = bytesOf(labelsBytes)
    if (this.#usedBytes + bytes > this.maxBytes) return false
    this.#usedBytes += bytes
    return true
  }

  giveBack(labelsBytes: number): void {
    this.#usedBytes -= bytesOf(labelsBytes)
  }
}

function bytesOf(labelsBytes: number): number {
  return SERIES_BYTES + COPIES_OF_LABELS * labelsBytes
}
