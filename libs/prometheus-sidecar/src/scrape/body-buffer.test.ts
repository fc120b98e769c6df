import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BodyBuffer } from './body-buffer.ts'

test('collects chunks, and writes those of the next body over them', () => {
  const body = new BodyBuffer()
  for (const chunk of ['a 1\n', 'x'.repeat(100_000), '']) body.append(Buffer.from(chunk))
  const first = body.bytes
  assert.equal(first.toString(), `a 1\n${'x'.repeat(100_000)}`)
  assert.equal(body.clear(), true)
  assert.equal(body.bytes.length, 0)
  body.append(Buffer.from('b 2\n'))
  assert.equal(body.bytes.toString(), 'b 2\n')
  assert.equal(body.bytes.buffer, first.buffer)
})

test('says that a large body should not be kept', () => {
  const body = new BodyBuffer()
  body.append(Buffer.alloc(5 * 1024 * 1024))
  assert.equal(body.clear(), false)
})
