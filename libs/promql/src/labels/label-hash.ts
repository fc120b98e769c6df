import { compareText, type Labels } from './labels.ts'

const MASK = (1n << 64n) - 1n
const PRIMES = [
  0x9e3779b185ebca87n,
  0xc2b2ae3d27d4eb4fn,
  0x165667b19e3779f9n,
  0x85ebca77c2b2ae63n,
  0x27d4eb2f165667c5n,
] as const
const [P1, P2, P3, P4, P5] = PRIMES

/** The hash of a label set as a fraction of the largest hash, which `limit_ratio` compares with its ratio. */
export function hashFraction(labels: Labels): number {
  return Number(xxhash64(encode(labels))) / 2 ** 64
}

/** Names and values, each preceded by its length. */
function encode(labels: Labels): Uint8Array {
  const encoder = new TextEncoder()
  const bytes: number[] = []
  for (const [name, value] of [...labels].sort(([a], [b]) => compareText(a, b))) {
    for (const text of [name, value]) {
      const encoded = encoder.encode(text)
      if (encoded.length < 255) bytes.push(encoded.length)
      else bytes.push(255, encoded.length & 255, (encoded.length >> 8) & 255, (encoded.length >> 16) & 255)
      for (const byte of encoded) bytes.push(byte)
    }
  }
  return Uint8Array.from(bytes)
}

function rotate(value: bigint, by: bigint): bigint {
  return ((value << by) | (value >> (64n - by))) & MASK
}

function round(accumulator: bigint, input: bigint): bigint {
  return (rotate((accumulator + input * P2) & MASK, 31n) * P1) & MASK
}

function mergeRound(hash: bigint, value: bigint): bigint {
  return ((hash ^ round(0n, value)) * P1 + P4) & MASK
}

/** The xxHash64 function with seed 0. */
export function xxhash64(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let at = 0
  let hash: bigint = P5
  if (bytes.length >= 32) {
    const lanes = [(P1 + P2) & MASK, P2, 0n, -P1 & MASK]
    for (; at + 32 <= bytes.length; at += 32) {
      for (const [i, lane] of lanes.entries()) lanes[i] = round(lane, view.getBigUint64(at + i * 8, true))
    }
    const [a = 0n, b = 0n, c = 0n, d = 0n] = lanes
    hash = (rotate(a, 1n) + rotate(b, 7n) + rotate(c, 12n) + rotate(d, 18n)) & MASK
    for (const lane of lanes) hash = mergeRound(hash, lane)
  }
  hash = (hash + BigInt(bytes.length)) & MASK
  for (; at + 8 <= bytes.length; at += 8) {
    hash = (rotate(hash ^ round(0n, view.getBigUint64(at, true)), 27n) * P1 + P4) & MASK
  }
  if (at + 4 <= bytes.length) {
    hash = (rotate(hash ^ ((BigInt(view.getUint32(at, true)) * P1) & MASK), 23n) * P2 + P3) & MASK
    at += 4
  }
  for (; at < bytes.length; at++) hash = (rotate(hash ^ ((BigInt(bytes[at] ?? 0) * P5) & MASK), 11n) * P1) & MASK
  hash = ((hash ^ (hash >> 33n)) * P2) & MASK
  hash = ((hash ^ (hash >> 29n)) * P3) & MASK
  return hash ^ (hash >> 32n)
}
