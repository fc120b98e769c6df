import { newSeriesState, type SeriesState } from '../model/conversion-state.ts'
import { JournalFormatError } from './journal-format-error.ts'
import { decodeNativeHistogram } from './native-histogram-record.ts'
import { RECORD } from './record-encoder.ts'

/** The state that results from the frames of a journal. */
export class Replay {
  readonly series = new Map<number, SeriesState>()
  readonly documents = new Map<string, unknown>()

  /**
   * Applies the records of one frame. Records are absolute, so applying one again changes nothing. Records of an
   * undefined series are skipped: a compacted file may repeat records from before the series was forgotten. Throws a
   * {@link JournalFormatError}.
   */
  apply(frame: Buffer): void {
    const reader = new FrameReader(frame)
    while (!reader.done) {
      const kind = reader.byte()
      switch (kind) {
        case RECORD.define: {
          const id = reader.varint()
          this.series.set(id, newSeriesState(id, Uint8Array.from(reader.bytes(reader.varint()))))
          break
        }
        case RECORD.baseline: {
          const series = this.series.get(reader.varint())
          const startMs = reader.time()
          const resetValue = reader.double()
          if (series !== undefined) Object.assign(series, { startMs, resetValue })
          break
        }
        case RECORD.created: {
          const series = this.series.get(reader.varint())
          const createdMs = reader.time()
          const createdFromMs = reader.time()
          if (series !== undefined) Object.assign(series, { createdMs, createdFromMs })
          break
        }
        case RECORD.settle:
        case RECORD.settleStored: {
          const series = this.series.get(reader.varint())
          const lastMs = reader.time()
          const lastValue = reader.double()
          const endMs = kind === RECORD.settleStored ? lastMs : reader.time()
          if (series === undefined) break
          Object.assign(series, { lastMs, lastValue, endMs })
          if (series.waiting.length > 0) series.waiting = series.waiting.filter((part) => part.timestampMs > lastMs)
          break
        }
        case RECORD.nativeBaseline: {
          const series = this.series.get(reader.varint())
          const baseline = decodeNativeHistogram(reader.bytes(reader.varint()))
          if (series !== undefined) series.native = { baseline, last: series.native?.last }
          break
        }
        case RECORD.nativeLast: {
          const series = this.series.get(reader.varint())
          const last = decodeNativeHistogram(reader.bytes(reader.varint()))
          if (series !== undefined) series.native = { baseline: series.native?.baseline, last }
          break
        }
        case RECORD.wait: {
          const series = this.series.get(reader.varint())
          const part = { timestampMs: reader.time(), value: reader.double() }
          const newest = series?.waiting.at(-1)?.timestampMs ?? series?.lastMs ?? Number.NaN
          if (!(part.timestampMs <= newest)) series?.waiting.push(part)
          break
        }
        case RECORD.forget:
          this.series.delete(reader.varint())
          break
        case RECORD.document: {
          const name = reader.bytes(reader.varint()).toString()
          const json = reader.bytes(reader.varint()).toString()
          if (json === '') this.documents.delete(name)
          else this.documents.set(name, JSON.parse(json))
          break
        }
        default:
          throw new JournalFormatError(`a record has the unknown kind ${kind}`)
      }
    }
  }
}

class FrameReader {
  readonly #frame: Buffer
  #position = 0
  #lastTimeMs = 0

  constructor(frame: Buffer) {
    this.#frame = frame
  }

  get done(): boolean {
    return this.#position >= this.#frame.length
  }

  byte(): number {
    const byte = this.#frame[this.#position]
    if (byte === undefined) throw new JournalFormatError('a record is truncated')
    this.#position += 1
    return byte
  }

  varint(): number {
    let value = 0
    for (let index = 0; index < 8; index++) {
      const byte = this.byte()
      value += (byte & 0x7f) * 2 ** (7 * index)
      if (byte < 0x80) return value
    }
    throw new JournalFormatError('a number is too long')
  }

  bytes(length: number): Buffer {
    const end = this.#position + length
    if (end > this.#frame.length) throw new JournalFormatError('a record is truncated')
    const bytes = this.#frame.subarray(this.#position, end)
    this.#position = end
    return bytes
  }

  time(): number {
    const code = this.varint()
    if (code === 0) return Number.NaN
    const zigzag = code - 1
    this.#lastTimeMs += zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2
    return this.#lastTimeMs
  }

  double(): number {
    return this.bytes(8).readDoubleLE()
  }
}
