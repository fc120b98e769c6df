import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { seriesJson } from '../../../test/testing/time-series.ts'
import { messageFromJson } from '../../protos/proto-json.ts'
import { decodeInterned, isInterned } from './interned-series.ts'
import { type CreateTimeSeriesRequest, createTimeSeriesRequestCodec as codec } from './messages.ts'

/** The bytes of a request with these series, as received from a connection. */
function bytesOf(...labels: Record<string, string>[]): Buffer {
  const timeSeries = labels.map((one) => seriesJson({ labels: one }))
  return Buffer.from(codec.encode(messageFromJson(codec, { name: 'projects/p', timeSeries }, '')))
}

const decoded = (bytes: Buffer): CreateTimeSeriesRequest => decodeInterned(() => codec.decode(bytes))
const metrics = ({ timeSeries }: CreateTimeSeriesRequest) => timeSeries.map(({ metric }) => metric ?? assert.fail())

describe('metrics and resources in writes', () => {
  test('are the same object if their bytes are the same, in one request and the next', () => {
    const [a, b, again] = metrics(decoded(bytesOf({ a: '1' }, { a: '2' }, { a: '1' })))
    assert.deepEqual(a?.labels, { a: '1' })
    assert.equal(again, a)
    assert.notEqual(b, a)
    const [next] = metrics(decoded(bytesOf({ a: '1' })))
    assert.equal(next, a)
    const [series] = decoded(bytesOf({ a: '1' })).timeSeries
    assert.ok(series?.resource && isInterned(series.resource))
  })

  test('are decoded as usual', () => {
    const bytes = bytesOf({ a: '1', b: 'é' }, {}, { ['x'.repeat(100)]: 'y'.repeat(1024) })
    for (let round = 0; round < 2; round++) assert.deepEqual(decoded(bytes), codec.decode(bytes))
  })

  test('can’t be changed', () => {
    const [metric] = metrics(decoded(bytesOf({ a: '1' })))
    assert.throws(() => Object.assign(metric ?? {}, { type: 'other' }), TypeError)
    assert.throws(() => Object.assign(metric?.labels ?? {}, { b: '2' }), TypeError)
  })

  test('are separate objects elsewhere', () => {
    const bytes = bytesOf({ a: '1' })
    const [interned] = metrics(decoded(bytes))
    const [own] = metrics(codec.decode(bytes))
    assert.notEqual(own, interned)
    assert.ok(own && !isInterned(own))
  })

  test('of truncated requests are rejected as usual', () => {
    const bytes = bytesOf({ a: '1' })
    decoded(bytes)
    const outcome = (decode: () => unknown): unknown => {
      try {
        return decode()
      } catch (error) {
        return String(error)
      }
    }
    for (let length = 0; length < bytes.length; length++) {
      const cut = bytes.subarray(0, length)
      assert.deepEqual(
        outcome(() => decoded(cut)),
        outcome(() => codec.decode(cut)),
        `${length} bytes`,
      )
    }
  })

  test('are evicted after many others', () => {
    const [first] = metrics(decoded(bytesOf({ a: 'first' })))
    for (let batch = 0; batch < 130; batch++)
      decoded(bytesOf(...Array.from({ length: 200 }, (_, index) => ({ a: `${batch} ${index}` }))))
    const [again] = metrics(decoded(bytesOf({ a: 'first' })))
    assert.notEqual(again, first)
    assert.deepEqual(again, first)
  })
})
