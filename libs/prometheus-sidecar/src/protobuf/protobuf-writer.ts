/** Larger buffers are not kept for reuse. */
const MAX_KEPT_BYTES = 4 * 1024 * 1024
/** Up to this length, bytes are copied one by one: calling the runtime would be slower. */
const MAX_SHORT_BYTES = 64
const MAX_INT32 = 0x7fffffff

/**
 * Writes protobuf's primitives into a buffer that grows.
 *
 * @see https://protobuf.dev/programming-guides/encoding/
 */
export class ProtobufWriter {
  #bytes: Buffer
  #view: DataView
  /** For messages in this one. */
  #inner: ProtobufWriter | undefined
  length = 0

  constructor(capacity: number) {
    this.#bytes = Buffer.allocUnsafe(capacity)
    this.#view = viewOf(this.#bytes)
  }

  /** The written bytes are in `bytes[0, length)`. Each further call may replace the buffer. */
  get bytes(): Buffer {
    return this.#bytes
  }

  /** Makes room for more bytes. */
  reserve(count: number): void {
    if (this.length + count <= this.#bytes.length) return
    const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.length + count))
    this.#bytes.copy(grown, 0, 0, this.length)
    this.#use(grown)
  }

  byte(value: number): void {
    this.reserve(1)
    this.#bytes[this.length++] = value
  }

  /** @param value - a whole number from 0 to 2^53 */
  varint(value: number): void {
    this.reserve(8)
    const bytes = this.#bytes
    let at = this.length
    let rest = value
    while (rest > MAX_INT32) {
      bytes[at++] = (rest % 0x80) | 0x80
      rest = Math.floor(rest / 0x80)
    }
    // From here on with bit operations, which are much faster than division.
    while (rest > 0x7f) {
      bytes[at++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    bytes[at++] = rest
    this.length = at
  }

  /** @param value - any whole number that a double represents */
  int64(value: number): void {
    if (value >= 0 && value <= Number.MAX_SAFE_INTEGER) {
      this.varint(value)
      return
    }
    this.reserve(10)
    let rest = BigInt.asUintN(64, BigInt(value))
    while (rest > 0x7fn) {
      this.#bytes[this.length++] = Number(rest & 0x7fn) | 0x80
      rest >>= 7n
    }
    this.#bytes[this.length++] = Number(rest)
  }

  double(value: number): void {
    this.reserve(8)
    this.#view.setFloat64(this.length, value, true)
    this.length += 8
  }

  /** Bytes without a length. */
  append(value: Uint8Array, length = value.length): void {
    this.reserve(length)
    const bytes = this.#bytes
    if (length > MAX_SHORT_BYTES) bytes.set(length === value.length ? value : value.subarray(0, length), this.length)
    else for (let at = 0, to = this.length; at < length; at++, to++) bytes[to] = value[at] as number
    this.length += length
  }

  /** Bytes preceded by their length. */
  prefixed(value: Uint8Array, length = value.length): void {
    this.varint(length)
    this.append(value, length)
  }

  /** A bytes or message field. */
  field(tag: number, value: Uint8Array, length = value.length): void {
    this.byte(tag)
    this.prefixed(value, length)
  }

  /** A string field. */
  text(tag: number, value: string): void {
    const length = Buffer.byteLength(value)
    this.byte(tag)
    this.varint(length)
    this.reserve(length)
    this.length += this.#bytes.write(value, this.length)
  }

  /** A message field whose content `write` writes. */
  message(tag: number, write: (inner: ProtobufWriter) => void): void {
    this.#inner ??= new ProtobufWriter(64)
    const inner = this.#inner
    inner.length = 0
    write(inner)
    this.field(tag, inner.bytes, inner.length)
  }

  /** Returns a copy of what was written, and starts over. */
  take(): Buffer {
    const taken = Buffer.from(this.#bytes.subarray(0, this.length))
    if (this.#bytes.length > MAX_KEPT_BYTES) this.#use(Buffer.allocUnsafe(16 * 1024))
    this.length = 0
    return taken
  }

  #use(bytes: Buffer): void {
    this.#bytes = bytes
    this.#view = viewOf(bytes)
  }
}

/** How many bytes a varint takes. */
export function varintLength(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x200000 ? 3 : value < 0x10000000 ? 4 : 5
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
