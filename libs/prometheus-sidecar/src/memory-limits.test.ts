import assert from 'node:assert/strict'
import { test } from 'node:test'
import { divideMemory, HeapWatch, memoryLimits } from './memory-limits.ts'

const MEBIBYTE = 1024 * 1024

const CASES: readonly [heap: number, memory: number, series: number, bodies: number][] = [
  [259, 512, 189, 32],
  [2_096, 512, 274, 32],
  [4_496, 32_000, 4_003, 64],
  [128, 160, 28, 16],
  [128, 100, 1, 16],
]

for (const [heap, memory, series, bodies] of CASES) {
  test(`of ${memory} MiB with a heap of ${heap} MiB: ${series} for series, ${bodies} for bodies`, () => {
    const { seriesBytes, bodiesBytes } = divideMemory(heap * MEBIBYTE, memory * MEBIBYTE)
    assert.deepEqual(
      [seriesBytes, bodiesBytes].map((bytes) => Math.floor(bytes / MEBIBYTE)),
      [series, bodies],
    )
  })
}

test('this process has limits', () => {
  const { seriesBytes, bodiesBytes } = memoryLimits()
  assert.ok(seriesBytes > MEBIBYTE && bodiesBytes >= 16 * MEBIBYTE)
  assert.equal(new HeapWatch().isTight, false)
})
