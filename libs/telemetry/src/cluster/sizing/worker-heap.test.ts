import assert from 'node:assert/strict'
import { test } from 'node:test'
import { workerHeapOptions } from './worker-heap.ts'

const MIB = 1024 * 1024
const cases: readonly (readonly [
  memoryMib: number | undefined,
  workers: number,
  nodeOptions: string,
  options: readonly string[],
])[] = [
  [undefined, 2, '', []],
  [512, 2, '', ['--max-old-space-size=72', '--max-semi-space-size=8']],
  [256, 1, '', ['--max-old-space-size=48', '--max-semi-space-size=8']],
  [8192, 8, '', ['--max-old-space-size=882']],
  [512, 2, '--max-old-space-size=300', []],
]
for (const [memoryMib, workers, nodeOptions, options] of cases) {
  test(`${memoryMib ?? 'any'} MiB for ${workers} workers${nodeOptions === '' ? '' : ` with ${nodeOptions}`}: ${options.join(' ') || 'none'}`, () => {
    const granted = { cpus: 8, memoryBytes: memoryMib === undefined ? undefined : memoryMib * MIB }
    assert.deepEqual(workerHeapOptions(workers, granted, nodeOptions), options)
  })
}
