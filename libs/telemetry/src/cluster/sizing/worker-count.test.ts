import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { chooseWorkerCount } from './worker-count.ts'

const MIB = 1024 * 1024
const cases: readonly (readonly [cpus: number, memoryMib: number | undefined, workers: number])[] = [
  [1, undefined, 1],
  [8, undefined, 8],
  [8, 512, 2],
  [8, 1024, 4],
  [2, 512, 2],
  [8, 256, 1],
  [8, 64, 1],
  [8, 4096, 8],
]
for (const [cpus, memoryMib, workers] of cases) {
  test(`${cpus} CPUs and ${memoryMib ?? 'any'} MiB support ${workers}`, () => {
    assert.equal(
      chooseWorkerCount({ cpus, memoryBytes: memoryMib === undefined ? undefined : memoryMib * MIB }),
      workers,
    )
  })
}

test('the CPUs are those that the process may use, not those of the machine', (context) => {
  const module = fileURLToPath(new URL('worker-count.ts', import.meta.url))
  const script = `import { readGrantedResources } from ${JSON.stringify(module)}; console.log(String(readGrantedResources().cpus))`
  const { stdout, error } = spawnSync('taskset', ['-c', '0', process.execPath, '--input-type=module', '-e', script], {
    encoding: 'utf8',
  })
  if (error !== undefined) return context.skip('taskset is not installed')
  assert.equal(stdout.trim(), '1')
})
