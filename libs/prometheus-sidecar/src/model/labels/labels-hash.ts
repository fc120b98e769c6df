/*
 * The hash of labels is made of the hashes of their names and values, so that it is the same whether they are one after
 * the other, as remote_write 1.0 has them, or are symbols in different places, as in 2.0.
 */

/** Labels whose names and values are in separate places. */
export interface ComposedLabels {
  /** The same as that of their bytes, see {@link hashLabels}. */
  readonly hash: number
  /** Whether these bytes are the same labels, in the form of `encodeLabels`. */
  are(bytes: Uint8Array): boolean
}

/** The hash of no labels. */
export const NO_LABELS_HASH = 0x1747b28c

/** The hash of `bytes[start, end)`, labels in the form of `encodeLabels`. Other bytes have a hash too. */
export function hashLabels(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let hash = NO_LABELS_HASH
  let at = start
  while (at < end) {
    const labelLength = lengthAt(bytes, at + 1, end)
    const nameAt = at + 1 + bytesOfLength(labelLength)
    if (nameAt + labelLength > end) return addToHash(hash, hashBytes(bytes, at, end))
    const nameLength = lengthAt(bytes, nameAt + 1, end)
    const nameStart = nameAt + 1 + bytesOfLength(nameLength)
    const valueAt = nameStart + nameLength
    const valueLength = lengthAt(bytes, valueAt + 1, end)
    const valueStart = valueAt + 1 + bytesOfLength(valueLength)
    const labelEnd = valueStart + valueLength
    if (labelEnd > end) return addToHash(hash, hashBytes(bytes, at, end))
    hash = addToHash(hash, hashBytes(bytes, nameStart, valueAt))
    hash = addToHash(hash, hashBytes(bytes, valueStart, labelEnd))
    at = labelEnd
  }
  return hash
}

/** The hash of labels and one more name or value. */
export function addToHash(hash: number, next: number): number {
  const mixed = Math.imul(hash ^ next, 0x5bd1e995)
  return mixed ^ (mixed >>> 13)
}

/** The hash of a name or a value, `bytes[start, end)`: similar to MurmurHash2, four bytes a step. */
export function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start
  let at = start
  for (; at + 4 <= end; at += 4) {
    const word =
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24)
    hash = Math.imul(hash ^ word, 0x5bd1e995)
    hash ^= hash >>> 15
  }
  for (; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193)
  return hash ^ (hash >>> 15)
}

/** A length of one or two bytes; `end` if it is longer, or does not lie before `end`. */
function lengthAt(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end) return end
  const first = bytes[at] as number
  if (first < 0x80) return first
  const second = at + 1 < end ? (bytes[at + 1] as number) : 0xff
  return second < 0x80 ? (first & 0x7f) | (second << 7) : end
}

function bytesOfLength(length: number): number {
  return length < 0x80 ? 1 : 2
}
