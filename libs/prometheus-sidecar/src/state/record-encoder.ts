import type { SeriesState } from '../model/conversion-state.ts'

/** The kinds of records in a journal frame; each record begins with its kind as one byte. */
export const RECORD = {
  define: 1,
  baseline: 2,
  settle: 3,
  /** A settle whose point was stored: its `endMs` is its `lastMs`. */
  settleStored: 4,
  wait: 5,
  forget: 6,
  document: 7,
  created: 8,
} as const

/**
 * Appends journal records to one growing buffer. Numbers are varints, except values, which are float64; times are whole milliseconds,
 * written as the difference from the time before in the same frame, since the samples of a scrape share theirs.
 */
export class RecordEncoder {
  #buffer = Buffer.allocUnsafe(16 * 1024)
  #length = 0
  #lastTimeMs = 0

  /** Bytes so far. */
  get length(): number {
    return this.#length
  }

  /** Gives the bytes so far and starts anew. The bytes are not touched again. */
  take(): Buffer {
    const taken = this.#buffer.subarray(0, this.#length)
    this.#buffer = Buffer.allocUnsafe(Math.max(16 * 1024, Math.min(this.#length * 2, 4 * 1024 * 1024)))
    this.#length = 0
    this.#lastTimeMs = 0
    return taken
  }

  define(id: number, labels: Uint8Array): void {
    this.#reserve(16 + labels.length)
    this.#byte(RECORD.define)
    this.#varint(id)
    this.#varint(labels.length)
    this.#buffer.set(labels, this.#length)
    this.#length += labels.length
  }

  baseline(id: number, startMs: number, resetValue: number): void {
    this.#reserve(40)
    this.#byte(RECORD.baseline)
    this.#varint(id)
    this.#time(startMs)
    this.#double(resetValue)
  }

  created(id: number, createdMs: number, createdFromMs: number): void {
    this.#reserve(40)
    this.#byte(RECORD.created)
    this.#varint(id)
    this.#time(createdMs)
    this.#time(createdFromMs)
  }

  settle(id: number, lastMs: number, lastValue: number, endMs: number): void {
    this.#reserve(50)
    this.#byte(endMs === lastMs ? RECORD.settleStored : RECORD.settle)
    this.#varint(id)
    this.#time(lastMs)
    this.#double(lastValue)
    if (endMs !== lastMs) this.#time(endMs)
  }

  wait(id: number, timestampMs: number, value: number): void {
    this.#reserve(40)
    this.#byte(RECORD.wait)
    this.#varint(id)
    this.#time(timestampMs)
    this.#double(value)
  }

  forget(id: number): void {
    this.#reserve(10)
    this.#byte(RECORD.forget)
    this.#varint(id)
  }

  document(name: string, value: unknown): void {
    const nameBytes = Buffer.from(name)
    const valueBytes = Buffer.from(value === undefined ? '' : JSON.stringify(value))
    this.#reserve(20 + nameBytes.length + valueBytes.length)
    this.#byte(RECORD.document)
    for (const bytes of [nameBytes, valueBytes]) {
      this.#varint(bytes.length)
      this.#buffer.set(bytes, this.#length)
      this.#length += bytes.length
    }
  }

  /** All of one series, as a compacted file has it. */
  state(series: SeriesState): void {
    this.define(series.id, series.labels)
    if (!Number.isNaN(series.startMs)) this.baseline(series.id, series.startMs, series.resetValue)
    if (!Number.isNaN(series.createdMs)) this.created(series.id, series.createdMs, series.createdFromMs)
    if (!Number.isNaN(series.lastMs)) this.settle(series.id, series.lastMs, series.lastValue, series.endMs)
    for (const part of series.waiting) this.wait(series.id, part.timestampMs, part.value)
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return
    const grown = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + bytes))
    this.#buffer.copy(grown, 0, 0, this.#length)
    this.#buffer = grown
  }

  #byte(value: number): void {
    this.#buffer[this.#length++] = value
  }

  #varint(value: number): void {
    let rest = value
    while (rest >= 0x80) {
      this.#buffer[this.#length++] = (rest % 0x80) | 0x80
      rest = Math.floor(rest / 0x80)
    }
    this.#buffer[this.#length++] = rest
  }

  /** A time as a zigzag difference plus one; 0 stands for NaN, and for what is no whole number of milliseconds. */
  #time(timeMs: number): void {
    if (!Number.isSafeInteger(timeMs * 4)) {
      this.#byte(0)
      return
    }
    const difference = timeMs - this.#lastTimeMs
    this.#lastTimeMs = timeMs
    this.#varint((difference >= 0 ? difference * 2 : -difference * 2 - 1) + 1)
  }

  #double(value: number): void {
    this.#buffer.writeDoubleLE(value, this.#length)
    this.#length += 8
  }
}
