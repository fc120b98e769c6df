import { decodeHuffman } from './huffman.ts'
import { type Field, STATIC_TABLE } from './static-table.ts'

/** The default size of the dynamic table that a peer may use. */
const MAX_TABLE_BYTES = 4096
/** The overhead of each field beyond its name and value (RFC 7541, 4.1). */
const FIELD_OVERHEAD_BYTES = 32
const MAX_INTEGER = 2 ** 28

/** Decodes the header blocks of one connection: HPACK, RFC 7541. */
export class HeaderDecoder {
  readonly #maxListBytes: number
  /** The dynamic table, newest first. */
  readonly #table: Field[] = []
  #tableBytes = 0
  #tableLimit = MAX_TABLE_BYTES
  #bytes: Buffer = Buffer.alloc(0)
  #position = 0

  /** @param maxListBytes the size of a header list, by RFC 9113, beyond which it is not kept. */
  constructor(maxListBytes: number) {
    this.#maxListBytes = maxListBytes
  }

  /**
   * @returns names and values, in one list; undefined if it is too long, though the connection can go on.
   * @throws RangeError for a block that is not valid: the connection can't be used any longer.
   */
  decode(block: Buffer): string[] | undefined {
    this.#bytes = block
    this.#position = 0
    const fields: string[] = []
    let listBytes = 0
    while (this.#position < block.length) {
      const field = this.#next(block[this.#position] ?? 0, fields.length === 0)
      if (field === undefined) continue
      listBytes += sizeOf(field)
      if (listBytes <= this.#maxListBytes) fields.push(field.name, field.value)
    }
    return listBytes <= this.#maxListBytes ? fields : undefined
  }

  /** Reads the representation that begins with `byte`: a field, or a change of the table's size. */
  #next(byte: number, isFirst: boolean): Field | undefined {
    if ((byte & 0x80) !== 0) return this.#fieldAt(this.#integer(7))
    if ((byte & 0x40) !== 0) {
      const field = this.#literal(6)
      this.#remember(field)
      return field
    }
    if ((byte & 0x20) === 0) return this.#literal(4)
    if (!isFirst) throw new RangeError('dynamic table size update after a header field')
    const limit = this.#integer(5)
    if (limit > MAX_TABLE_BYTES) throw new RangeError(`dynamic table size of ${limit} bytes exceeds the limit`)
    this.#tableLimit = limit
    this.#evict()
    return undefined
  }

  #literal(prefixBits: number): Field {
    const index = this.#integer(prefixBits)
    const name = index === 0 ? this.#string() : this.#fieldAt(index).name
    return { name, value: this.#string() }
  }

  #fieldAt(index: number): Field {
    const field = index <= STATIC_TABLE.length ? STATIC_TABLE[index - 1] : this.#table[index - STATIC_TABLE.length - 1]
    if (field === undefined) throw new RangeError(`invalid header field index ${index}`)
    return field
  }

  #remember(field: Field): void {
    this.#table.unshift(field)
    this.#tableBytes += sizeOf(field)
    this.#evict()
  }

  #evict(): void {
    while (this.#tableBytes > this.#tableLimit) {
      const oldest = this.#table.pop()
      this.#tableBytes -= oldest === undefined ? this.#tableBytes : sizeOf(oldest)
    }
  }

  #integer(prefixBits: number): number {
    const mask = 2 ** prefixBits - 1
    let value = this.#byte() & mask
    if (value < mask) return value
    let factor = 1
    for (;;) {
      const byte = this.#byte()
      value += (byte & 0x7f) * factor
      if (value > MAX_INTEGER || factor > MAX_INTEGER) throw new RangeError('integer too large')
      if (byte < 0x80) return value
      factor *= 128
    }
  }

  #string(): string {
    const isHuffman = ((this.#bytes[this.#position] ?? 0) & 0x80) !== 0
    const length = this.#integer(7)
    const start = this.#position
    const end = start + length
    if (end > this.#bytes.length) throw new RangeError('truncated string')
    this.#position = end
    if (isHuffman) return decodeHuffman(this.#bytes, start, end)
    return this.#bytes.toString('latin1', start, end)
  }

  #byte(): number {
    const byte = this.#bytes[this.#position++]
    if (byte === undefined) throw new RangeError('truncated header block')
    return byte
  }
}

function sizeOf({ name, value }: Field): number {
  return name.length + value.length + FIELD_OVERHEAD_BYTES
}
