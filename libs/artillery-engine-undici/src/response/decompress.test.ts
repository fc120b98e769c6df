import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { decompress } from './decompress.ts'

const TEXT = 'a body '.repeat(100)
const BODY = Buffer.from(TEXT)

const CODINGS: readonly [coding: string | undefined, encoded: Buffer][] = [
  [undefined, BODY],
  ['identity', BODY],
  ['unheard-of', BODY],
  ['gzip', gzipSync(BODY)],
  ['X-GZIP', gzipSync(BODY)],
  ['deflate', deflateSync(BODY)],
  ['deflate', deflateRawSync(BODY)],
  ['br', brotliCompressSync(BODY)],
  ['zstd', zstdCompressSync(BODY)],
  ['gzip, br', brotliCompressSync(gzipSync(BODY))],
]

for (const [coding, encoded] of CODINGS) {
  test(`content-encoding ${coding}`, () => {
    assert.equal(decompress(encoded, coding, 10_000).toString(), TEXT)
  })
}

test('an empty body is empty in any coding', () => {
  assert.equal(decompress(Buffer.alloc(0), 'gzip', 10).length, 0)
})

for (const [name, body, maxBytes] of [
  ['broken', Buffer.from('not gzip'), 10_000],
  ['cut', gzipSync(BODY).subarray(0, 20), 10_000],
  ['a bomb', gzipSync(Buffer.alloc(1_000_000)), 10_000],
] as const) {
  test(`a body that is ${name} is refused`, () => {
    assert.throws(() => decompress(body, 'gzip', maxBytes), { code: 'ERR_BODY_DECODING' })
  })
}
