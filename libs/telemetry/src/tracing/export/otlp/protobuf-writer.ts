/** The wire types of protobuf that are written here. */
const VARINT = 0
const FIXED64 = 1
const BYTES = 2
const FIXED32 = 5

/** The maximum length of a tag and a varint. */
const MAX_TAG_AND_VARINT = 16
const TWO_TO_32 = 2 ** 32

/** The value of each hexadecimal digit by its character code. */
const HEX_VALUES = new Uint8Array(128)
for (const [value, digit] of [...'0123456789abcdef'].entries()) {
  HEX_VALUES[digit.charCodeAt(0)] = value
  HEX_VALUES[digit.toUpperCase().charCodeAt(0)] = value
}

/** The length of an integer below 2³² as a varint. */
export function varintBytes(value: number): number {
  return value < 0x80 ? 1 : Math.ceil((32 - Math.clz32(value)) / 7)
}

/**
 * Writes the fields of a protobuf message one after another, in one pass.
 * See https://protobuf.dev/programming-guides/encoding/.
 */
export class ProtobufWriter {
  #bytes: Buffer
  #at = 0

  /** @param capacity the expected number of bytes; the buffer grows beyond it */
  constructor(capacity: number) {
    this.#bytes = Buffer.allocUnsafeSlow(Math.max(capacity, 64))
  }

  /** The bytes written so far; shares memory with the writer. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#at)
  }

  /** The position of the next byte. */
  get position(): number {
    return this.#at
  }

  /**
   * Begins an embedded message.
   *
   * @param lengthBytes the expected length of its length prefix: 1 for messages below 128 bytes, 2 below 16 KiB
   * @returns the position that {@link endMessage} needs
   */
  beginMessage(field: number, lengthBytes = 1): number {
    this.#reserve(MAX_TAG_AND_VARINT)
    this.#tag(field, BYTES)
    this.#at += lengthBytes
    return this.#at
  }

  /**
   * Ends the message that began at `start`. Its content moves if the length prefix is not as long as expected.
   *
   * @returns by how many bytes it moved
   */
  endMessage(start: number, lengthBytes = 1): number {
    const length = this.#at - start
    const needed = varintBytes(length)
    const moved = needed - lengthBytes
    if (moved !== 0) {
      this.#reserve(needed)
      this.#bytes.copyWithin(start + moved, start, this.#at)
    }
    this.#at = start - lengthBytes
    this.#varint(length)
    this.#at += length
    return moved
  }

  /** Appends fields that another writer has written. */
  append(fields: Uint8Array): void {
    this.#reserve(fields.length)
    this.#bytes.set(fields, this.#at)
    this.#at += fields.length
  }

  /** Appends a copy of the bytes from `start` to `end`. */
  repeat(start: number, end: number): void {
    this.#reserve(end - start)
    this.#bytes.copyWithin(this.#at, start, end)
    this.#at += end - start
  }

  /** A 64-bit integer; negative ones as two's complement. */
  integer(field: number, value: number): void {
    this.#reserve(MAX_TAG_AND_VARINT)
    this.#tag(field, VARINT)
    if (value >= 0 && value < TWO_TO_32) this.#varint(value)
    else this.#longVarint(BigInt.asUintN(64, BigInt(value)))
  }

  /** An unsigned 32-bit integer. */
  fixed32(field: number, value: number): void {
    this.#reserve(MAX_TAG_AND_VARINT)
    this.#tag(field, FIXED32)
    this.#fixed(value)
  }

  /** An unsigned 64-bit integer. */
  fixed64(field: number, high: number, low: number): void {
    this.#reserve(MAX_TAG_AND_VARINT)
    this.#tag(field, FIXED64)
    this.#fixed(low)
    this.#fixed(high)
  }

  double(field: number, value: number): void {
    this.#reserve(MAX_TAG_AND_VARINT)
    this.#tag(field, FIXED64)
    this.#at = this.#bytes.writeDoubleLE(value, this.#at)
  }

  /** A string in UTF-8. */
  string(field: number, text: string): void {
    const { length } = text
    this.#reserve(MAX_TAG_AND_VARINT + length)
    const start = this.#at
    this.#tag(field, BYTES)
    this.#varint(length)
    const bytes = this.#bytes
    let at = this.#at
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index)
      if (code > 0x7f) {
        this.#at = start
        this.data(field, Buffer.from(text))
        return
      }
      bytes[at++] = code
    }
    this.#at = at
  }

  data(field: number, data: Uint8Array): void {
    this.#reserve(MAX_TAG_AND_VARINT + data.length)
    this.#tag(field, BYTES)
    this.#varint(data.length)
    this.#bytes.set(data, this.#at)
    this.#at += data.length
  }

  /** Bytes, given as hexadecimal digits. */
  hex(field: number, digits: string): void {
    const { length } = digits
    this.#reserve(MAX_TAG_AND_VARINT + length)
    this.#tag(field, BYTES)
    this.#varint(length >> 1)
    const bytes = this.#bytes
    let at = this.#at
    for (let index = 0; index + 1 < length; index += 2) {
      const high = HEX_VALUES[digits.charCodeAt(index) & 0x7f] ?? 0
      const low = HEX_VALUES[digits.charCodeAt(index + 1) & 0x7f] ?? 0
      bytes[at++] = (high << 4) | low
    }
    this.#at = at
  }

  #tag(field: number, wireType: number): void {
    this.#varint((field << 3) | wireType)
  }

  #varint(value: number): void {
    const bytes = this.#bytes
    let at = this.#at
    let rest = value >>> 0
    while (rest > 0x7f) {
      bytes[at++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    bytes[at++] = rest
    this.#at = at
  }

  #longVarint(value: bigint): void {
    let rest = value
    while (rest > 0x7fn) {
      this.#bytes[this.#at++] = Number(rest & 0x7fn) | 0x80
      rest >>= 7n
    }
    this.#bytes[this.#at++] = Number(rest)
  }

  #fixed(value: number): void {
    const bytes = this.#bytes
    const at = this.#at
    bytes[at] = value
    bytes[at + 1] = value >>> 8
    bytes[at + 2] = value >>> 16
    bytes[at + 3] = value >>> 24
    this.#at = at + 4
  }

  #reserve(count: number): void {
    if (this.#at + count <= this.#bytes.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#at + count))
    grown.set(this.#bytes.subarray(0, this.#at))
    this.#bytes = grown
  }
}
