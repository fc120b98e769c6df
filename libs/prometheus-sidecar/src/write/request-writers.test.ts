import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RequestWriters } from './request-writers.ts'

test('gives out a writer again once it was given back, empty', () => {
  const writers = new RequestWriters()
  const writer = writers.take(1_000)
  writer.varint(300)
  assert.notEqual(writers.take(1_000), writer)
  writers.giveBack(writer)
  const again = writers.take(10_000)
  assert.equal(again, writer)
  assert.equal(again.length, 0)
})

test('has room for as many bytes as were asked for', () => {
  const writers = new RequestWriters()
  for (const bytes of [1, 20_000, 300_000, 5]) {
    const writer = writers.take(bytes)
    assert.ok(writer.bytes.length >= bytes)
    writers.giveBack(writer)
  }
})

test('keeps few writers, and no large ones', () => {
  const writers = new RequestWriters()
  const large = writers.take(1024 * 1024)
  writers.giveBack(large)
  assert.notEqual(writers.take(1), large)
  const many = new Set(Array.from({ length: 100 }, () => writers.take(1)))
  for (const writer of many) writers.giveBack(writer)
  const kept = Array.from({ length: 100 }, () => writers.take(1)).filter((writer) => many.has(writer))
  assert.equal(kept.length, 16)
})
