import type { SeededRandom } from '../testing/seeded-random.ts'

/** Bytes that parsers tend to treat as an end, a sign, a length or a maximum. */
const INTERESTING = [0, 1, 0x0a, 0x12, 0x20, 0x22, 0x5c, 0x7b, 0x7f, 0x80, 0xc0, 0xfe, 0xff]

/** Returns a changed copy: bytes flipped, overwritten, repeated, moved, removed or inserted, one to eight times. */
export function mutate(bytes: Buffer, random: SeededRandom): Buffer {
  let mutated: Buffer = Buffer.from(bytes)
  for (let times = 1 + random.below(8); times > 0; times--) mutated = mutateOnce(mutated, random)
  return mutated
}

function mutateOnce(bytes: Buffer, random: SeededRandom): Buffer {
  const at = random.below(bytes.length + 1)
  const length = random.below(Math.min(64, bytes.length - at + 1))
  switch (random.below(7)) {
    case 0:
      if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8))
      return bytes
    case 1:
      if (at < bytes.length) bytes[at] = random.pick(INTERESTING)
      return bytes
    case 2:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)])
    case 3:
      return Buffer.concat([bytes.subarray(0, at), random.bytes(1 + random.below(16)), bytes.subarray(at)])
    case 4: {
      const repeated = Array.from({ length: 1 + random.below(20) }, () => bytes.subarray(at, at + length))
      return Buffer.concat([bytes.subarray(0, at), ...repeated, bytes.subarray(at)])
    }
    case 5: {
      const to = random.below(bytes.length + 1)
      return Buffer.concat([bytes.subarray(0, to), bytes.subarray(at, at + length), bytes.subarray(to)])
    }
    default:
      return bytes.subarray(0, at)
  }
}
