import assert from 'node:assert/strict'
import { test } from 'node:test'
import { divideMemory, HeapWatch, heapLimit, memoryLimits } from './memory-limits.ts'

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

const FLAGS: readonly [flags: string, mebibytes: number][] = [
  ['', 288],
  ['--max-old-space-size=96', 96],
  ['--max_old_space_size=96 --max-old-space-size=128 --inspect', 128],
  ['--max-old-space-size=9000', 288],
  ['--max-old-space-size=0', 288],
  ['--max-old-space-size-percentage=10', 102.4],
]

for (const [flags, mebibytes] of FLAGS) {
  test(`the heap with "${flags}" has ${mebibytes} MiB of the 288 that V8 reports`, () => {
    assert.equal(heapLimit(flags.split(' '), 288 * MEBIBYTE, 1024 * MEBIBYTE), mebibytes * MEBIBYTE)
  })
}

const PARTS: readonly [heap: number, memory: number, atLeast: number, atMost: number][] = [
  [96, 512, 20_000, 60_000],
  [259, 512, 200_000, 600_000],
  [4_496, 32_000, 1_000_000, 1_000_000],
]

for (const [heap, memory, atLeast, atMost] of PARTS) {
  test(`with a heap of ${heap} MiB, ${atLeast} to ${atMost} parts of histograms may wait`, () => {
    const { waitingParts } = divideMemory(heap * MEBIBYTE, memory * MEBIBYTE)
    assert.ok(waitingParts >= atLeast && waitingParts <= atMost, `${waitingParts}`)
  })
}

for (const [heap, items] of [
  [96, 75_497],
  [259, 203_685],
  [16_000, 5_000_000],
] as const) {
  test(`with a heap of ${heap} MiB, open requests may have ${items} series and samples together`, () => {
    assert.equal(divideMemory(heap * MEBIBYTE, 32_000 * MEBIBYTE).items, items)
  })
}

test('this process has limits', () => {
  const { seriesBytes, bodiesBytes } = memoryLimits()
  assert.ok(seriesBytes > MEBIBYTE && bodiesBytes >= 16 * MEBIBYTE)
  assert.equal(new HeapWatch().isTight, false)
})
