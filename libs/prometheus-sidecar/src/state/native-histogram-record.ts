import { type NativeBuckets, type NativeHistogram, NO_BUCKETS } from '../model/native-histogram.ts'
import { ProtobufWriter } from '../protobuf/protobuf-writer.ts'
import { JournalFormatError } from './journal-format-error.ts'

const writer = new ProtobufWriter(1024)

/** The buckets and counts of a native histogram; its times and hints are not part of the state. */
export function encodeNativeHistogram({
  schema,
  count,
  sum,
  zeroThreshold,
  zeroCount,
  positive,
  negative,
  customBounds,
}: NativeHistogram): Buffer {
  writer.length = 0
  writer.varint(schema + SCHEMA_OFFSET)
  for (const number of [count, sum, zeroThreshold, zeroCount]) writer.double(number)
  writeBuckets(positive)
  writeBuckets(negative)
  writer.varint(customBounds.length)
  for (const bound of customBounds) writer.double(bound)
  return writer.take()
}

/** Makes schemas positive. */
const SCHEMA_OFFSET = 64

/** Integer counts are varints after a 0, others float64 after a 1. Indexes are stored as differences. */
function writeBuckets({ indexes, counts }: NativeBuckets): void {
  writer.varint(indexes.length)
  let before = 0
  for (const [at, index] of indexes.entries()) {
    const difference = index - before
    writer.varint(difference >= 0 ? difference * 2 : -difference * 2 - 1)
    before = index
    const count = counts[at] ?? 0
    if (Number.isSafeInteger(count)) {
      writer.byte(0)
      writer.varint(count)
    } else {
      writer.byte(1)
      writer.double(count)
    }
  }
}

/**
 * Reads what {@link encodeNativeHistogram} wrote; undefined if there is nothing. Throws a {@link JournalFormatError}.
 */
export function decodeNativeHistogram(bytes: Buffer): NativeHistogram | undefined {
  if (bytes.length === 0) return undefined
  const reader = new BytesReader(bytes)
  const schema = reader.varint() - SCHEMA_OFFSET
  const [count, sum, zeroThreshold, zeroCount] = [reader.double(), reader.double(), reader.double(), reader.double()]
  const positive = readBuckets(reader)
  const negative = readBuckets(reader)
  const customBounds = Array.from({ length: reader.varint() }, () => reader.double())
  const common = { timestampMs: Number.NaN, createdMs: Number.NaN, gauge: false, reset: false, stale: false }
  return { ...common, schema, count, sum, zeroThreshold, zeroCount, positive, negative, customBounds }
}

function readBuckets(reader: BytesReader): NativeBuckets {
  const length = reader.varint()
  if (length === 0) return NO_BUCKETS
  const indexes: number[] = []
  const counts: number[] = []
  let index = 0
  for (let at = 0; at < length; at++) {
    const zigzag = reader.varint()
    index += zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2
    indexes.push(index)
    counts.push(reader.varint() === 0 ? reader.varint() : reader.double())
  }
  return { indexes, counts }
}

class BytesReader {
  readonly #bytes: Buffer
  #position = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  varint(): number {
    let value = 0
    for (let index = 0; index < 8; index++) {
      const byte = this.#bytes[this.#position++]
      if (byte === undefined) throw new JournalFormatError('a native histogram is truncated')
      value += (byte & 0x7f) * 2 ** (7 * index)
      if (byte < 0x80) return value
    }
    throw new JournalFormatError('a number of a native histogram is too long')
  }

  double(): number {
    if (this.#position + 8 > this.#bytes.length) throw new JournalFormatError('a native histogram is truncated')
    const value = this.#bytes.readDoubleLE(this.#position)
    this.#position += 8
    return value
  }
}
