import assert from 'node:assert/strict'
import { test } from 'node:test'
import SnappyJS from 'snappyjs'
import { seededRandom } from '../../test/testing/seeded-random.ts'
import { decompressSnappyBlock, SnappyError } from './snappy.ts'

const LIMIT = 1024 * 1024

const block = (...bytes: number[]) => Buffer.from(bytes)

test('decompresses what another implementation compressed', () => {
  const random = seededRandom(20260101)
  for (let round = 0; round < 200; round++) {
    const words = Array.from({ length: 1 + random.below(20) }, () => random.bytes(1 + random.below(70)))
    const original = Buffer.concat(Array.from({ length: random.below(400) }, () => random.pick(words)))
    const compressed = Buffer.from(SnappyJS.compress(original))
    assert.deepEqual(decompressSnappyBlock(compressed, LIMIT), original)
  }
})

test('decompresses each kind of element', () => {
  const cases: [string, Buffer, string][] = [
    ['nothing', block(0), ''],
    ['a short literal', block(3, 2 << 2, 97, 98, 99), 'abc'],
    [
      'a literal with a length of one byte',
      Buffer.concat([block(61, 60 << 2, 60), Buffer.alloc(61, 'x')]),
      'x'.repeat(61),
    ],
    ['a literal with a length of four bytes', block(1, 63 << 2, 0, 0, 0, 0, 97), 'a'],
    ['a copy with an offset of 11 bits', block(6, 1 << 2, 97, 98, 0b001, 2), 'ababab'],
    ['a copy with an offset of two bytes', block(4, 1 << 2, 97, 98, (1 << 2) | 2, 2, 0), 'abab'],
    ['a copy with an offset of four bytes', block(4, 1 << 2, 97, 98, (1 << 2) | 3, 2, 0, 0, 0), 'abab'],
    ['a copy that repeats what it writes', block(5, 0, 97, 0b001, 1), 'aaaaa'],
  ]
  for (const [name, compressed, expected] of cases) {
    assert.equal(decompressSnappyBlock(compressed, LIMIT).toString(), expected, name)
  }
})

test('refuses anything but a complete block', () => {
  const cases: [string, Buffer, SnappyError['code']][] = [
    ['an empty body', block(), 'ERR_SNAPPY_MALFORMED'],
    ['a length without end', block(0xff, 0xff, 0xff, 0xff, 0xff, 0xff), 'ERR_SNAPPY_MALFORMED'],
    ['a length longer than 32 bits', block(0xff, 0xff, 0xff, 0xff, 0x7f), 'ERR_SNAPPY_MALFORMED'],
    ['a length over the limit', block(0x81, 0x80, 0x40, 0, 97), 'ERR_SNAPPY_TOO_LARGE'],
    ['a length that the block can’t reach', block(0xff, 0x7f, 0, 97), 'ERR_SNAPPY_MALFORMED'],
    ['less than claimed', block(2, 0, 97), 'ERR_SNAPPY_MALFORMED'],
    ['more than claimed', block(1, 1 << 2, 97, 98), 'ERR_SNAPPY_MALFORMED'],
    ['a literal that is cut off', block(9, 8 << 2, 97), 'ERR_SNAPPY_MALFORMED'],
    ['a literal length that is cut off', block(9, 61 << 2, 1), 'ERR_SNAPPY_MALFORMED'],
    ['a literal length beyond 2^31', block(9, 63 << 2, 0, 0, 0, 0x80, 97, 97), 'ERR_SNAPPY_MALFORMED'],
    ['a copy that is cut off', block(9, 0, 97, (1 << 2) | 2, 1), 'ERR_SNAPPY_MALFORMED'],
    ['a copy from before the start', block(9, 0, 97, 0b001, 2), 'ERR_SNAPPY_MALFORMED'],
    ['a copy from offset 0', block(9, 0, 97, 0b001, 0), 'ERR_SNAPPY_MALFORMED'],
  ]
  for (const [name, compressed, code] of cases) {
    assert.throws(
      () => decompressSnappyBlock(compressed, LIMIT),
      (error) => error instanceof SnappyError && error.code === code,
      name,
    )
  }
})
