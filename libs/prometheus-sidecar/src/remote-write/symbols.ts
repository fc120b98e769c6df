import { isUtf8 } from 'node:buffer'
import { LABEL_FIELD, NAME_FIELD, VALUE_FIELD } from '../model/labels/labels.ts'
import { hashBytes } from '../model/labels/labels-hash.ts'
import { varintLength } from '../protobuf/protobuf-writer.ts'
import { References } from './references.ts'
import { MAX_EXEMPLAR_LABEL_BYTES } from './write-request.ts'

/** The strings that a remote_write 2.0 request contains once each, as positions in its body. */
export class Symbols {
  readonly bytes: Buffer
  readonly starts: number[] = []
  readonly ends: number[] = []
  readonly #hashes: number[] = []

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }

  get count(): number {
    return this.starts.length
  }

  /** As required by the specification. A request without series needs none. */
  get startsWithEmpty(): boolean {
    return this.count === 0 || this.starts[0] === this.ends[0]
  }

  add(start: number, end: number): void {
    this.starts.push(start)
    this.ends.push(end)
  }

  /** The hash of a symbol, computed when it is first needed: known series in their usual order need none. */
  hashOf(ref: number): number {
    const hash = this.#hashes[ref] ?? hashBytes(this.bytes, this.starts[ref] as number, this.ends[ref] as number)
    this.#hashes[ref] = hash
    return hash
  }

  /** Why a reference can't be resolved; undefined if it can. */
  check(ref: number): string | undefined {
    return ref < this.count ? undefined : `a series refers to symbol ${ref}, but there are only ${this.count}`
  }

  /** The labels of an exemplar; undefined if they are too long, repeated, not UTF-8, or can't be resolved. */
  labels({ all: refs, count: given }: References): Map<string, string> | undefined {
    if (given % 2 !== 0) return undefined
    const labels = new Map<string, string>()
    let length = 0
    for (let index = 0; index < given; index += 2) {
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

function writeVarint(bytes: Buffer, start: number, value: number): number {
  let at = start
  let rest = value
  while (rest > 0x7f) {
    bytes[at++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  bytes[at++] = rest
  return at
}

/** Shorter strings are faster to copy byte by byte. */
const SHORT = 24

/** Writes label sets, given as references to symbols, in the form of `encodeLabels`. */
export class LabelWriter {
  readonly #symbols: Symbols
  /** Indexed by the reference of a name: that of a name known to be greater. */
  readonly #after: Int32Array
  bytes: Buffer
  length = 0

  constructor(symbols: Symbols, capacity: number) {
    this.#symbols = symbols
    this.#after = new Int32Array(symbols.count).fill(-1)
    this.bytes = Buffer.allocUnsafe(capacity)
  }

  /**
   * Writes labels, except those whose value is empty. Returns why they can't be used; the written bytes are then
   * invalid. Reasons are an odd number of references or one to nothing, a name that is empty or appears twice, or no
   * labels at all.
   */
  write({ all: refs, count: given }: References): string | undefined {
    if (given % 2 !== 0) return 'a series has a label without a value'
    const { starts, ends, count } = this.#symbols
    const start = this.length
    let before = -1
    for (let index = 0; index < given; index += 2) {
      const name = refs[index] as number
      const value = refs[index + 1] as number
      if (name >= count || value >= count) return this.#symbols.check(Math.max(name, value))
      // Names follow each other in the same order in most series.
      if (before >= 0 && this.#after[before] !== name) {
        const order = this.#compare(before, name)
        if (order > 0) {
          this.length = start
          return this.write(this.#sorted(refs.slice(0, given)))
        }
        if (order === 0) return `a series has the label ${this.#describe(name)} twice`
        this.#after[before] = name
      } else if (before < 0 && starts[name] === ends[name]) return 'a series has a label without a name'
      before = name
      if (starts[value] !== ends[value]) this.#writeLabel(name, value)
    }
    return this.length === start ? 'a series has no labels' : undefined
  }

  #writeLabel(name: number, value: number): void {
    const { starts, ends, bytes: source } = this.#symbols
    const nameStart = starts[name] as number
    const nameEnd = ends[name] as number
    const valueStart = starts[value] as number
    const valueEnd = ends[value] as number
    const nameLength = nameEnd - nameStart
    const valueLength = valueEnd - valueStart
    const content = 2 + varintLength(nameLength) + nameLength + varintLength(valueLength) + valueLength
    if (this.length + content + 16 > this.bytes.length) this.#reserve(content + 16)
    const { bytes } = this
    let at = this.length
    bytes[at++] = LABEL_FIELD
    if (content < 0x80) bytes[at++] = content
    else at = writeVarint(bytes, at, content)
    bytes[at++] = NAME_FIELD
    if (nameLength < 0x80) bytes[at++] = nameLength
    else at = writeVarint(bytes, at, nameLength)
    if (nameLength > SHORT) at += source.copy(bytes, at, nameStart, nameEnd)
    else for (let position = nameStart; position < nameEnd; position++) bytes[at++] = source[position] as number
    bytes[at++] = VALUE_FIELD
    if (valueLength < 0x80) bytes[at++] = valueLength
    else at = writeVarint(bytes, at, valueLength)
    if (valueLength > SHORT) at += source.copy(bytes, at, valueStart, valueEnd)
    else for (let position = valueStart; position < valueEnd; position++) bytes[at++] = source[position] as number
    this.length = at
  }

  #reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return
    const grown = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.length + count))
    this.bytes.copy(grown, 0, 0, this.length)
    this.bytes = grown
  }

  #sorted(refs: readonly number[]): References {
    const pairs: [name: number, value: number][] = []
    for (let index = 0; index < refs.length; index += 2) pairs.push([refs[index] as number, refs[index + 1] as number])
    const sorted = new References()
    for (const ref of pairs.sort(([a], [b]) => this.#compare(a, b)).flat()) sorted.add(ref)
    return sorted
  }

  /** Compares two names; one that does not exist comes last, and is rejected when it is reached. */
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
