import type { ProtobufReader } from '../protobuf/protobuf-reader.ts'

/** References to symbols: names and values alternate. The array is reused, and may be longer than their number. */
export class References {
  readonly all: number[] = []
  count = 0
  /** At least as great as each of them. */
  highest = 0

  clear(): void {
    this.count = 0
    this.highest = 0
  }

  add(ref: number): void {
    this.all[this.count++] = ref
    if (ref > this.highest) this.highest = ref
  }

  /** Reads the packed form. */
  readPacked(cursor: ProtobufReader, end: number): void {
    const { all } = this
    const { bytes } = cursor
    let { count, highest } = this
    let { position } = cursor
    while (position < end) {
      const first = bytes[position] as number
      const second = first < 0x80 ? 0 : (bytes[position + 1] as number)
      let ref = first
      if (first < 0x80) position += 1
      else if (second < 0x80) {
        ref = (first & 0x7f) | (second << 7)
        position += 2
      } else {
        cursor.position = position
        ref = cursor.varint()
        position = cursor.position
      }
      if (ref > highest) highest = ref
      all[count++] = ref
    }
    this.count = count
    this.highest = highest
    cursor.position = position
    cursor.expectEnd(end)
  }
}
