import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PooledIdGenerator } from './id-generator.ts'

test('ids are valid by W3C and differ, even after the pool was refilled', () => {
  const generator = new PooledIdGenerator()
  const ids = new Set<string>()
  for (let count = 0; count < 5000; count++) {
    const traceId = generator.generateTraceId()
    const spanId = generator.generateSpanId()
    assert.match(traceId, /^[0-9a-f]{32}$/)
    assert.match(spanId, /^[0-9a-f]{16}$/)
    assert.doesNotMatch(traceId, /^0+$/)
    assert.doesNotMatch(spanId, /^0+$/)
    ids.add(traceId).add(spanId)
  }
  assert.equal(ids.size, 10_000)
})
