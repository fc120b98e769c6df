/**
 * A map from label bytes (the form of `encodeLabels`) to what is known of the series: a lookup makes no string and no object.
 * Open addressing with linear probing; keys lie end to end in one growing buffer, and a deletion closes its gap in the slots at once,
 * its key's bytes at the next growth.
 */
export class SeriesTable<Entry> {
  #slots = new Int32Array(1024).fill(EMPTY)
  #keys = Buffer.allocUnsafe(64 * 1024)
  #keysUsed = 0
  #keysDeleted = 0
  #size = 0
  readonly #entries: (Entry | undefined)[] = []
  readonly #hashes: number[] = []
  readonly #keyStarts: number[] = []
  readonly #keyLengths: number[] = []
  readonly #freeRows: number[] = []

  /** Number of series. */
  get size(): number {
    return this.#size
  }

  /** The entry of the series whose labels are `bytes[start, end)`. */
  get(bytes: Buffer, start: number, end: number): Entry | undefined {
    const row = this.#slots[this.#find(bytes, start, end, hash(bytes, start, end))] as number
    return row === EMPTY ? undefined : this.#entries[row]
  }

  /** Keeps an entry for labels, in place of the one they had. The bytes are copied. */
  set(bytes: Buffer, start: number, end: number, entry: Entry): void {
    const keyHash = hash(bytes, start, end)
    const slot = this.#find(bytes, start, end, keyHash)
    const present = this.#slots[slot] as number
    if (present !== EMPTY) {
      this.#entries[present] = entry
      return
    }
    const row = this.#freeRows.pop() ?? this.#entries.length
    this.#entries[row] = entry
    this.#hashes[row] = keyHash
    this.#keyStarts[row] = this.#appendKey(bytes, start, end)
    this.#keyLengths[row] = end - start
    this.#slots[slot] = row
    this.#size += 1
    if (this.#size * 2 > this.#slots.length) this.#growSlots()
  }

  /** Removes a series; says whether it was there. */
  delete(bytes: Buffer, start: number, end: number): boolean {
    const slot = this.#find(bytes, start, end, hash(bytes, start, end))
    const row = this.#slots[slot] as number
    if (row === EMPTY) return false
    this.#closeGap(slot)
    this.#entries[row] = undefined
    this.#keysDeleted += this.#keyLengths[row] as number
    this.#keyLengths[row] = DELETED
    this.#freeRows.push(row)
    this.#size -= 1
    return true
  }

  /** All entries, in no order. */
  *values(): IterableIterator<Entry> {
    for (const [row, entry] of this.#entries.entries()) {
      if (this.#keyLengths[row] !== DELETED) yield entry as Entry
    }
  }

  /** The slot that holds the key, or the empty one where it belongs. */
  #find(bytes: Buffer, start: number, end: number, keyHash: number): number {
    const slots = this.#slots
    const mask = slots.length - 1
    const length = end - start
    for (let slot = keyHash & mask; ; slot = (slot + 1) & mask) {
      const row = slots[slot] as number
      if (row === EMPTY) return slot
      if (this.#hashes[row] !== keyHash || this.#keyLengths[row] !== length) continue
      const keyStart = this.#keyStarts[row] as number
      if (this.#keys.compare(bytes, start, end, keyStart, keyStart + length) === 0) return slot
    }
  }

  #appendKey(bytes: Buffer, start: number, end: number): number {
    if (this.#keysUsed + end - start > this.#keys.length) this.#moveKeys(end - start)
    const keyStart = this.#keysUsed
    bytes.copy(this.#keys, keyStart, start, end)
    this.#keysUsed += end - start
    return keyStart
  }

  #moveKeys(room: number): void {
    const live = this.#keysUsed - this.#keysDeleted
    const moved = Buffer.allocUnsafe(Math.max(64 * 1024, (live + room) * 2))
    let used = 0
    for (let row = 0; row < this.#keyStarts.length; row++) {
      const length = this.#keyLengths[row]
      if (length === undefined || length === DELETED) continue
      const keyStart = this.#keyStarts[row] as number
      this.#keys.copy(moved, used, keyStart, keyStart + length)
      this.#keyStarts[row] = used
      used += length
    }
    this.#keys = moved
    this.#keysUsed = used
    this.#keysDeleted = 0
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

  /** Empties a slot and moves later keys of the same run up, so that no probe ends too early. */
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
const DELETED = -1

/** Four bytes a step, in the manner of MurmurHash2. */
function hash(bytes: Buffer, start: number, end: number): number {
  let state = end - start
  let position = start
  for (; position + 4 <= end; position += 4) {
    const word =
      (bytes[position] as number) |
      ((bytes[position + 1] as number) << 8) |
      ((bytes[position + 2] as number) << 16) |
      ((bytes[position + 3] as number) << 24)
    state = Math.imul(state ^ word, 0x5bd1e995)
    state ^= state >>> 15
  }
  for (; position < end; position++) state = Math.imul(state ^ (bytes[position] as number), 0x01000193)
  state ^= state >>> 13
  state = Math.imul(state, 0x5bd1e995)
  return state ^ (state >>> 15)
}
