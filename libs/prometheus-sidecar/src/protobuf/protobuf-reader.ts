/** The bytes are not a protobuf message of the expected form. */
export class WireFormatError extends Error {
  readonly code = 'ERR_PROTOBUF'

  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'WireFormatError'
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Walks the fields of a protobuf message in place. Each read is checked against the end of the message, so that no
 * input can cause a read outside of it, and each step moves forward, so that none can cause an endless loop.
 *
 * @see https://protobuf.dev/programming-guides/encoding/
 */
export class ProtobufReader {
  readonly bytes: Buffer
  position = 0
  readonly #view: DataView

  constructor(bytes: Buffer) {
    this.bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** A varint of at most 32 bits: a tag or a length. */
  varint(): number {
    const first = this.bytes[this.position] as number
    if (first < 0x80) {
      this.position += 1
      return first
    }
    let value = 0
    for (let shift = 0; shift <= 28; shift += 7) {
      const byte = this.bytes[this.position]
      if (byte === undefined) throw new WireFormatError('the message ends inside a number')
      if (shift === 28 && byte > 0x0f) break
      this.position += 1
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value >>> 0
    }
    throw new WireFormatError('a tag or length is longer than 32 bits')
  }

  /** A varint of 64 bits as an int64; beyond ±2^53, the nearest number. */
  int64(): number {
    // Bits 0 to 27, 28 to 55, and 56 to 63: V8 is much faster with integers of up to 31 bits. A byte that does not exist
    // is not less than 0x80, so that the message ends at the ninth at the latest.
    const { bytes } = this
    let at = this.position
    let low = 0
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = bytes[at++] as number
      low |= (byte & 0x7f) << shift
      if (byte < 0x80) {
        this.position = at
        return low
      }
    }
    let middle = 0
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = bytes[at++] as number
      middle |= (byte & 0x7f) << shift
      if (byte < 0x80) {
        this.position = at
        return middle * 2 ** 28 + low
      }
    }
    const ninth = bytes[at++]
    const tenth = ninth === undefined || ninth < 0x80 ? 0 : bytes[at++]
    if (ninth === undefined || tenth === undefined) throw new WireFormatError('the message ends inside a number')
    if (tenth >= 0x80) throw new WireFormatError('a number is longer than 64 bits')
    this.position = at
    const high = (ninth & 0x7f) | ((tenth & 1) << 7)
    return ((high < 0x80 ? high : high - 0x100) * 2 ** 28 + middle) * 2 ** 28 + low
  }

  /** A little-endian float64. */
  double(end: number): number {
    if (this.position + 8 > end) throw new WireFormatError('the message ends inside a float64')
    const value = this.#view.getFloat64(this.position, true)
    this.position += 8
    return value
  }

  /** Four bytes at a position that was read before. */
  uint32At(position: number): number {
    return this.#view.getUint32(position, true)
  }

  /** Reads a length; returns where the field of that length ends, which is `end` at most. */
  messageEnd(end: number): number {
    const fieldEnd = this.varint() + this.position
    if (fieldEnd > end) throw new WireFormatError('a field is longer than the message around it')
    return fieldEnd
  }

  /** A string field: length and UTF-8. */
  text(end: number): string {
    const fieldEnd = this.messageEnd(end)
    const text = this.bytes.toString('utf8', this.position, fieldEnd)
    this.position = fieldEnd
    return text
  }

  /** A string field that must be valid UTF-8. */
  strictText(end: number): string {
    const fieldEnd = this.messageEnd(end)
    try {
      return UTF8.decode(this.bytes.subarray(this.position, fieldEnd))
    } catch (cause) {
      throw new WireFormatError('a string is not valid UTF-8', { cause })
    } finally {
      this.position = fieldEnd
    }
  }

  /** Skips the field of a tag that was just read. */
  skip(tag: number, end: number): void {
    const wireType = tag & 7
    if (tag < 8) throw new WireFormatError('a field has the number 0')
    if (wireType === 0) this.int64()
    else if (wireType === 1) this.position += 8
    else if (wireType === 2) this.position = this.messageEnd(end)
    else if (wireType === 5) this.position += 4
    else throw new WireFormatError(`a field has the wire type ${wireType}, which no remote_write message has`)
    if (this.position > end) throw new WireFormatError('a field is longer than the message around it')
  }

  /** Throws unless the last field ended where its message does. */
  expectEnd(end: number): void {
    if (this.position !== end) throw new WireFormatError('a field is longer than the message around it')
  }
}
