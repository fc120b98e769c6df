import { isUtf8 } from 'node:buffer'
import { varintLength } from '../protobuf/protobuf-writer.ts'
import { MAX_EXEMPLAR_LABEL_BYTES } from './write-request.ts'

/** The strings that a remote_write 2.0 request contains once, as places in its body. */
export class Symbols {
  readonly bytes: Buffer
  readonly starts: number[] = []
  readonly ends: number[] = []

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }

  get count(): number {
    return this.starts.length
  }

  /** As the specification requires. A request without series needs none. */
  get startsWithEmpty(): boolean {
    return this.count === 0 || this.starts[0] === this.ends[0]
  }

  add(start: number, end: number): void {
    this.starts.push(start)
    this.ends.push(end)
  }

  /** Why a reference can't be resolved; undefined if it can. */
  check(ref: number): string | undefined {
    return ref < this.count ? undefined : `a series refers to symbol ${ref}, and there are ${this.count}`
  }

  /** The labels of an exemplar; undefined if they are too long, repeated, not UTF-8, or can't be resolved. */
  labels(refs: readonly number[]): Map<string, string> | undefined {
    if (refs.length % 2 !== 0) return undefined
    const labels = new Map<string, string>()
    let length = 0
    for (let index = 0; index < refs.length; index += 2) {
      const name = this.#text(refs[index] ?? 0)
      const value = this.#text(refs[index + 1] ?? 0)
      if (name === undefined || value === undefined || labels.has(name)) return undefined
      length += name.length + value.length
      if (length > MAX_EXEMPLAR_LABEL_BYTES) return undefined
      labels.set(name, value)
    }
    return labels
  }

  #text(ref: number): string | undefined {
    const start = this.starts[ref]
    const end = this.ends[ref]
    if (start === undefined || end === undefined || end - start > MAX_EXEMPLAR_LABEL_BYTES) return undefined
    const bytes = this.bytes.subarray(start, end)
    return isUtf8(bytes) ? bytes.toString('utf8') : undefined
  }
}

const LABEL_FIELD = 0x0a
const NAME_FIELD = 0x0a
const VALUE_FIELD = 0x12
/** Shorter strings are copied faster byte by byte. */
const SHORT = 24

/** Writes label sets that are given as references to symbols in the form of `encodeLabels`. */
export class LabelWriter {
  readonly #symbols: Symbols
  bytes: Buffer
  length = 0

  constructor(symbols: Symbols, capacity: number) {
    this.#symbols = symbols
    this.bytes = Buffer.allocUnsafe(capacity)
  }

  /**
   * Writes labels, without those whose value is empty. Returns why they can't be used, and then what was written is of
   * no use: an odd number of references or one to nothing, a name that is empty or appears twice, or no labels at all.
   */
  write(refs: readonly number[]): string | undefined {
    if (refs.length % 2 !== 0) return 'a series has a label without a value'
    const { starts, ends, count } = this.#symbols
    const start = this.length
    let before = -1
    for (let index = 0; index < refs.length; index += 2) {
      const name = refs[index] as number
      const value = refs[index + 1] as number
      if (name >= count || value >= count) return this.#symbols.check(Math.max(name, value))
      if (starts[name] === ends[name]) return 'a series has a label without a name'
      const order = before < 0 ? -1 : this.#compare(before, name)
      if (order > 0) {
        this.length = start
        return this.write(this.#sorted(refs))
      }
      if (order === 0) return `a series has the label ${this.#describe(name)} twice`
      before = name
      if (starts[value] !== ends[value]) this.#writeLabel(name, value)
    }
    return this.length === start ? 'a series has no labels' : undefined
  }

  #writeLabel(name: number, value: number): void {
    const { starts, ends } = this.#symbols
    const nameLength = (ends[name] as number) - (starts[name] as number)
    const valueLength = (ends[value] as number) - (starts[value] as number)
    const content = 2 + varintLength(nameLength) + nameLength + varintLength(valueLength) + valueLength
    this.#reserve(content + 16)
    this.bytes[this.length++] = LABEL_FIELD
    this.#varint(content)
    this.bytes[this.length++] = NAME_FIELD
    this.#varint(nameLength)
    this.#copy(starts[name] as number, ends[name] as number)
    this.bytes[this.length++] = VALUE_FIELD
    this.#varint(valueLength)
    this.#copy(starts[value] as number, ends[value] as number)
  }

  #copy(start: number, end: number): void {
    const source = this.#symbols.bytes
    if (end - start > SHORT) {
      this.length += source.copy(this.bytes, this.length, start, end)
      return
    }
    let at = this.length
    for (let position = start; position < end; position++) this.bytes[at++] = source[position] as number
    this.length = at
  }

  #varint(value: number): void {
    let rest = value
    while (rest > 0x7f) {
      this.bytes[this.length++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.bytes[this.length++] = rest
  }

  #reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return
    const grown = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.length + count))
    this.bytes.copy(grown, 0, 0, this.length)
    this.bytes = grown
  }

  #sorted(refs: readonly number[]): number[] {
    const pairs: [name: number, value: number][] = []
    for (let index = 0; index < refs.length; index += 2) pairs.push([refs[index] as number, refs[index + 1] as number])
    return pairs.sort(([a], [b]) => this.#compare(a, b)).flat()
  }

  /** The order of two names; one that does not exist is last, and is refused once it is its turn. */
  #compare(a: number, b: number): number {
    const { bytes, starts, ends, count } = this.#symbols
    if (a >= count || b >= count) return a - b
    const aStart = starts[a] as number
    const bStart = starts[b] as number
    const shorter = Math.min((ends[a] as number) - aStart, (ends[b] as number) - bStart)
    for (let index = 0; index < shorter; index++) {
      const difference = (bytes[aStart + index] as number) - (bytes[bStart + index] as number)
      if (difference !== 0) return difference
    }
    return (ends[a] as number) - aStart - ((ends[b] as number) - bStart)
  }

  #describe(name: number): string {
    const { bytes, starts, ends } = this.#symbols
    return JSON.stringify(bytes.toString('utf8', starts[name], ends[name]).slice(0, 100))
  }
}
