import type { SeriesState } from '../model/conversion-state.ts'
import type { NativeHistogram } from '../model/native-histogram.ts'
import { ProtobufWriter } from '../protobuf/protobuf-writer.ts'
import { encodeNativeHistogram } from './native-histogram-record.ts'

/** The kinds of records in a journal frame; each record begins with its kind as one byte. */
export const RECORD = {
  define: 1,
  baseline: 2,
  settle: 3,
  /** A settled sample whose point was stored: its `endMs` is its `lastMs`. */
  settleStored: 4,
  wait: 5,
  forget: 6,
  document: 7,
  created: 8,
  nativeBaseline: 9,
  nativeLast: 10,
} as const

/**
 * Appends journal records to one growing buffer. Numbers are varints, except values, which are float64. Times are whole
 * milliseconds, written as the difference from the previous time in the same frame, since the samples of a scrape share
 * theirs.
 */
export class RecordEncoder {
  readonly #writer = new ProtobufWriter(16 * 1024)
  #lastTimeMs = 0

  /** Bytes so far. */
  get length(): number {
    return this.#writer.length
  }

  /** Returns the bytes so far and starts a new frame. */
  take(): Buffer {
    this.#lastTimeMs = 0
    return this.#writer.take()
  }

  define(id: number, labels: Uint8Array): void {
    this.#begin(RECORD.define, id)
    this.#writer.prefixed(labels)
  }

  baseline(id: number, startMs: number, resetValue: number): void {
    this.#begin(RECORD.baseline, id)
    this.#time(startMs)
    this.#writer.double(resetValue)
  }

  created(id: number, createdMs: number, createdFromMs: number): void {
    this.#begin(RECORD.created, id)
    this.#time(createdMs)
    this.#time(createdFromMs)
  }

  settle(id: number, lastMs: number, lastValue: number, endMs: number): void {
    this.#begin(endMs === lastMs ? RECORD.settleStored : RECORD.settle, id)
    this.#time(lastMs)
    this.#writer.double(lastValue)
    if (endMs !== lastMs) this.#time(endMs)
  }

  nativeBaseline(id: number, histogram: NativeHistogram | undefined): void {
    this.#begin(RECORD.nativeBaseline, id)
    this.#native(histogram)
  }

  nativeLast(id: number, histogram: NativeHistogram): void {
    this.#begin(RECORD.nativeLast, id)
    this.#native(histogram)
  }

  wait(id: number, timestampMs: number, value: number): void {
    this.#begin(RECORD.wait, id)
    this.#time(timestampMs)
    this.#writer.double(value)
  }

  forget(id: number): void {
    this.#begin(RECORD.forget, id)
  }

  document(name: string, value: unknown): void {
    this.#writer.byte(RECORD.document)
    this.#writer.prefixed(Buffer.from(name))
    this.#writer.prefixed(Buffer.from(value === undefined ? '' : JSON.stringify(value)))
  }

  /** Everything about one series, for a compacted file. */
  state(series: SeriesState): void {
    this.define(series.id, series.labels)
    if (!Number.isNaN(series.startMs)) this.baseline(series.id, series.startMs, series.resetValue)
    if (!Number.isNaN(series.createdMs)) this.created(series.id, series.createdMs, series.createdFromMs)
    if (!Number.isNaN(series.lastMs)) this.settle(series.id, series.lastMs, series.lastValue, series.endMs)
    if (series.native?.baseline !== undefined) this.nativeBaseline(series.id, series.native.baseline)
    if (series.native?.last !== undefined) this.nativeLast(series.id, series.native.last)
    for (const part of series.waiting) this.wait(series.id, part.timestampMs, part.value)
  }

  /** Preceded by its length; 0 stands for none. */
  #native(histogram: NativeHistogram | undefined): void {
    if (histogram === undefined) this.#writer.varint(0)
    else this.#writer.prefixed(encodeNativeHistogram(histogram))
  }

  #begin(kind: number, id: number): void {
    this.#writer.byte(kind)
    this.#writer.varint(id)
  }

  /** A time as a zigzag difference plus one; 0 stands for NaN, and for anything but a whole number of milliseconds. */
  #time(timeMs: number): void {
    if (!Number.isSafeInteger(timeMs * 4)) {
      this.#writer.byte(0)
      return
    }
    const difference = timeMs - this.#lastTimeMs
    this.#lastTimeMs = timeMs
    this.#writer.varint((difference >= 0 ? difference * 2 : -difference * 2 - 1) + 1)
  }
}
