import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ProtobufReader, WireFormatError } from './protobuf-reader.ts'

function varint(value: bigint): number[] {
  let rest = BigInt.asUintN(64, value)
  const bytes: number[] = []
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  return [...bytes, Number(rest)]
}

describe('an int64', () => {
  it('is read whatever its length and sign', () => {
    const powers = Array.from({ length: 64 }, (_, bit) => 1n << BigInt(bit))
    const values = powers.flatMap((power) => [power, power - 1n, power + 1n, -power, 1n - power])
    for (const value of values.map((each) => BigInt.asIntN(64, each))) {
      const reader = new ProtobufReader(Buffer.from([...varint(value), 5]))
      assert.equal(reader.int64(), Number(value))
      assert.equal(reader.int64(), 5)
    }
  })

  it('may have more bytes than it needs', () => {
    const reader = new ProtobufReader(Buffer.from([0x87, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0]))
    assert.equal(reader.int64(), 7)
    assert.equal(reader.position, 10)
  })

  it('is rejected if it is cut off or longer than 64 bits', () => {
    for (let length = 0; length < 10; length++)
      assert.throws(() => new ProtobufReader(Buffer.alloc(length, 0x80)).int64(), /ends inside a number/, `${length}`)
    const tooLong = new ProtobufReader(Buffer.alloc(11, 0x80))
    assert.throws(
      () => tooLong.int64(),
      (error) => error instanceof WireFormatError && /longer than 64 bits/.test(error.message),
    )
  })
})
