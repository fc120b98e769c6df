import { type FollowingLabels, MAX_SHARED } from '../model/labels/following-labels.ts'
import { LABEL_FIELD, NAME_FIELD, VALUE_FIELD } from '../model/labels/labels.ts'
import { addToHash, NO_LABELS_HASH } from '../model/labels/labels-hash.ts'
import { varintLength } from '../protobuf/protobuf-writer.ts'
import { References } from './references.ts'
import type { Symbols } from './symbols.ts'

/**
 * The labels of one series after another as references to symbols. A known series is found by them, so they need not be
 * written out.
 */
export class ReferredLabels implements FollowingLabels {
  #refs = new References()
  readonly #symbols: Symbols
  /** The bytes that these labels were found to be. */
  #bytes: Uint8Array | undefined
  /** Those of the series before. */
  #refsBefore = new References()
  #bytesBefore: Uint8Array | undefined

  constructor(symbols: Symbols) {
    this.#symbols = symbols
  }

  get refs(): References {
    return this.#refs
  }

  /** Starts the next series, which has no references yet. */
  next(): void {
    const refs = this.#refsBefore
    refs.clear()
    this.#refsBefore = this.#refs
    this.#bytesBefore = this.#bytes
    this.#refs = refs
    this.#bytes = undefined
  }

  get hash(): number {
    const { all, count } = this.#refs
    const symbols = this.#symbols
    let hash = NO_LABELS_HASH
    for (let index = 0; index < count; index++) hash = addToHash(hash, symbols.hashOf(all[index] as number))
    return hash
  }

  /** Whether the current references are labels. */
  areResolvable(): boolean {
    const { count, highest } = this.#refs
    return count > 0 && count % 2 === 0 && highest < this.#symbols.count
  }

  are(bytes: Uint8Array): boolean {
    return this.#compare(bytes, 0)
  }

  areAfter(before: Uint8Array, bytes: Uint8Array, shared: number): boolean {
    return this.#compare(bytes, this.#bytesBefore === before ? shared : 0)
  }

  sharedWith(before: Uint8Array): number {
    if (this.#bytesBefore !== before) return 0
    const { all, count } = this.#refs
    const { all: allBefore, count: countBefore } = this.#refsBefore
    let shared = 0
    const end = Math.min(count, countBefore, MAX_SHARED)
    for (let index = 0; index < end; index++) if (all[index] === allBefore[index]) shared |= 1 << index
    return shared
  }

  /**
   * Names and values in a position of `shared` need not be compared if their references are the same as those before.
   */
  #compare(bytes: Uint8Array, shared: number): boolean {
    const { all, count } = this.#refs
    const { all: allBefore } = this.#refsBefore
    const { starts, ends } = this.#symbols
    let at = 0
    let bits = shared
    for (let index = 0; index < count; index += 2, bits >>>= 2) {
      const name = all[index] as number
      const value = all[index + 1] as number
      const isNameShared = (bits & 1) === 1 && name === allBefore[index]
      if (isNameShared && (bits & 2) === 2 && value === allBefore[index + 1]) {
        const length = bytes[at + 1] as number
        at += length < 0x80 ? 2 + length : 3 + (length & 0x7f) + ((bytes[at + 2] as number) << 7)
        continue
      }
      const nameLength = (ends[name] as number) - (starts[name] as number)
      const valueLength = (ends[value] as number) - (starts[value] as number)
      const content = 2 + varintLength(nameLength) + nameLength + varintLength(valueLength) + valueLength
      at = afterLength(bytes, at, LABEL_FIELD, content)
      if (at < 0 || at + content > bytes.length) return false
      at = afterLength(bytes, at, NAME_FIELD, nameLength)
      if (at < 0 || !(isNameShared || this.#isSymbolAt(bytes, at, name))) return false
      at = afterLength(bytes, at + nameLength, VALUE_FIELD, valueLength)
      if (at < 0 || !this.#isSymbolAt(bytes, at, value)) return false
      at += valueLength
    }
    if (at !== bytes.length) return false
    this.#bytes = bytes
    return true
  }

  /** Whether a symbol starts at this position. It ends there at the latest where the bytes do. */
  #isSymbolAt(bytes: Uint8Array, start: number, ref: number): boolean {
    const { bytes: source, starts, ends } = this.#symbols
    const end = ends[ref] as number
    let at = start
    for (let position = starts[ref] as number; position < end; position++, at++) {
      if (bytes[at] !== source[position]) return false
    }
    return true
  }
}

/** The position after a tag and a length of one or two bytes; negative if they are not there. */
function afterLength(bytes: Uint8Array, at: number, tag: number, length: number): number {
  if (at < 0 || at + 3 > bytes.length || bytes[at] !== tag) return -1
  if (length < 0x80) return bytes[at + 1] === length ? at + 2 : -1
  return bytes[at + 1] === ((length & 0x7f) | 0x80) && bytes[at + 2] === length >>> 7 ? at + 3 : -1
}
