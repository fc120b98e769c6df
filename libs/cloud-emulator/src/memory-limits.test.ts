import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_LIMITS, memoryLimits } from './memory-limits.ts'

const MEBIBYTE = 1024 * 1024

test('without --memory each limit has its default', () => assert.deepEqual(memoryLimits({}), DEFAULT_LIMITS))

test('--memory is divided, with room for the process', () => {
  for (const mebibytes of [192, 400, 4096]) {
    const limits = memoryLimits({ memoryBytes: mebibytes * MEBIBYTE })
    for (const [name, value] of Object.entries(limits)) assert.ok(value > 0, name)
    assert.ok(limits.maxPointBytes + limits.maxSpanBytes + 100 * limits.maxQuerySamples < (mebibytes - 100) * MEBIBYTE)
    assert.ok(limits.maxPointBytes > limits.maxSpanBytes)
  }
})

test('an explicit limit takes precedence, and does not change the others', () => {
  const memoryBytes = 400 * MEBIBYTE
  const divided = memoryLimits({ memoryBytes })
  for (const given of [{ maxPointBytes: 1 }, { maxSpanBytes: 2 }, { maxQuerySamples: 3 }]) {
    assert.deepEqual(memoryLimits({ memoryBytes, ...given }), { ...divided, ...given })
    assert.deepEqual(memoryLimits(given), { ...DEFAULT_LIMITS, ...given })
  }
})
