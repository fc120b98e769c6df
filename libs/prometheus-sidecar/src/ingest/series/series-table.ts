import { asBuffer } from '../../model/labels/labels.ts'
import { type ComposedLabels, hashBytes } from '../../model/labels/labels-hash.ts'

/**
 * A map from bytes to entries whose lookup allocates neither a string nor an object. Open addressing with linear
 * probing; the bytes of a key belong to its entry and must not change.
 */
export class SeriesTable<Entry> {
  readonly #keyOf: (entry: Entry) => Uint8Array
  readonly #hash: (bytes: Uint8Array, start: number, end: number) => number
  #slots = new Int32Array(1024).fill(EMPTY)
  #hashes = new Int32Array(1024)
  #size = 0
  readonly #entries: (Entry | undefined)[] = []
  readonly #freeRows: number[] = []

  /**
   * @param keyOf - returns the bytes by which an entry is found
   * @param hash - hashes the bytes of a key
   */
  constructor(
    keyOf: (entry: Entry) => Uint8Array,
    hash: (bytes: Uint8Array, start: number, end: number) => number = hashBytes,
  ) {
    this.#keyOf = keyOf
    this.#hash = hash
  }

  get size(): number {
    return this.#size
  }

  /** The entry whose key is `bytes[start, end)`. */
  get(bytes: Buffer, start = 0, end = bytes.length): Entry | undefined {
    const row = this.#slots[this.#find(bytes, start, end, this.#hashOf(bytes, start, end))] as number
    return row === EMPTY ? undefined : this.#entries[row]
  }

  /** The entry whose key is these labels, in a table that hashes by `hashLabels`. */
  getComposed(labels: ComposedLabels): Entry | undefined {
    const slots = this.#slots
    const mask = slots.length - 1
    const keyHash = spread(labels.hash)
    for (let slot = keyHash & mask; ; slot = (slot + 1) & mask) {
      const row = slots[slot] as number
      if (row === EMPTY) return undefined
      if (this.#hashes[row] !== keyHash) continue
      const entry = this.#entries[row] as Entry
      if (labels.are(this.#keyOf(entry))) return entry
    }
  }

  /** Adds an entry, or replaces the one with the same key. */
  add(entry: Entry): void {
    const key = asBuffer(this.#keyOf(entry))
    const keyHash = this.#hashOf(key, 0, key.length)
    const slot = this.#find(key, 0, key.length, keyHash)
    const present = this.#slots[slot] as number
    if (present !== EMPTY) {
      this.#entries[present] = entry
      return
    }
    const row = this.#freeRows.pop() ?? this.#entries.length
    this.#entries[row] = entry
    if (row >= this.#hashes.length) this.#growHashes()
    this.#hashes[row] = keyHash
    this.#slots[slot] = row
    this.#size += 1
    if (this.#size * 2 > this.#slots.length) this.#growSlots()
  }

  /** Removes the entry whose key is `bytes[start, end)`; returns whether there was one. */
  delete(bytes: Uint8Array, start = 0, end = bytes.length): boolean {
    const key = asBuffer(bytes)
    const slot = this.#find(key, start, end, this.#hashOf(key, start, end))
    const row = this.#slots[slot] as number
    if (row === EMPTY) return false
    this.#closeGap(slot)
    this.#entries[row] = undefined
    this.#freeRows.push(row)
    this.#size -= 1
    return true
  }

  /** All entries, in no particular order. */
  *values(): IterableIterator<Entry> {
    for (const entry of this.#entries) if (entry !== undefined) yield entry
  }

  #hashOf(bytes: Uint8Array, start: number, end: number): number {
    return spread(this.#hash(bytes, start, end))
  }

  /** The slot of the key, or the empty slot where it belongs. */
  #find(bytes: Buffer, start: number, end: number, keyHash: number): number {
    const slots = this.#slots
    const mask = slots.length - 1
    for (let slot = keyHash & mask; ; slot = (slot + 1) & mask) {
      const row = slots[slot] as number
      if (row === EMPTY) return slot
      if (this.#hashes[row] !== keyHash) continue
      const key = this.#keyOf(this.#entries[row] as Entry)
      if (key.length === end - start && bytes.compare(key, 0, key.length, start, end) === 0) return slot
    }
  }

  #growHashes(): void {
    const hashes = new Int32Array(this.#hashes.length * 2)
    hashes.set(this.#hashes)
    this.#hashes = hashes
  }

  #growSlots(): void {
    const slots = new Int32Array(this.#slots.length * 2).fill(EMPTY)
    const mask = slots.length - 1
    for (const row of this.#slots) {
      if (row === EMPTY) continue
      let slot = (this.#hashes[row] as number) & mask
      while (slots[slot] !== EMPTY) slot = (slot + 1) & mask
      slots[slot] = row
    }
    this.#slots = slots
  }

  /** Empties a slot and moves up later keys of the same run, so that no probe ends too early. */
  #closeGap(emptied: number): void {
    const slots = this.#slots
    const mask = slots.length - 1
    let gap = emptied
    for (let slot = (gap + 1) & mask; slots[slot] !== EMPTY; slot = (slot + 1) & mask) {
      const home = (this.#hashes[slots[slot] as number] as number) & mask
      if (((slot - home) & mask) < ((slot - gap) & mask)) continue
      slots[gap] = slots[slot] as number
      gap = slot
    }
    slots[gap] = EMPTY
  }
}

const EMPTY = -1

/** Spreads a hash over all slots. */
function spread(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 13), 0x5bd1e995)
  return mixed ^ (mixed >>> 15)
}
