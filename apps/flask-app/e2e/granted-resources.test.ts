import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { readSeries, ServiceProcess } from '@node-to-cloud/telemetry/testing'
import { startSteadyLoad } from '@node-to-cloud/telemetry/testing/load'
import { ControlGroup, type ControlGroupLimits } from './control-group.ts'

const module = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const MIB = 1024 * 1024
const cpusHere = availableParallelism()

const heapIn512Mib = [`--max-old-space-size=${cpusHere === 1 ? 272 : 72}`, '--max-semi-space-size=8']

const cases: readonly (readonly [
  title: string,
  limits: ControlGroupLimits,
  workers: number,
  heapOptions: readonly string[],
])[] = [
  ['1.5 CPUs', { cpus: 1.5 }, 1, []],
  ['512 MiB', { memoryBytes: 512 * MIB }, Math.min(cpusHere, 2), heapIn512Mib],
  ['320 MiB', { memoryBytes: 320 * MIB }, 1, ['--max-old-space-size=80', '--max-semi-space-size=8']],
  ['1 CPU and 1 GiB', { cpus: 1, memoryBytes: 1024 * MIB }, 1, ['--max-old-space-size=784']],
]

for (const [title, limits, workers, heapOptions] of cases) {
  test(`a control group with ${title} has ${workers} worker${workers === 1 ? '' : 's'}, which survive${workers === 1 ? 's' : ''} under load`, async (context) => {
    const reason = ControlGroup.reasonAgainst()
    if (reason !== undefined) return context.skip(reason)
    await using group = new ControlGroup(`flask-app-${process.pid}`, limits)
    const preload = join(mkdtempSync(join(tmpdir(), 'flask-app-')), 'join.mjs')
    writeFileSync(
      preload,
      `import { writeFileSync } from 'node:fs'
       for (const file of ${JSON.stringify(group.processFiles)}) writeFileSync(file, String(process.pid))`,
    )
    await using service = new ServiceProcess({ module, nodeArgs: [`--import=${preload}`], env: { WORKERS: '' } })
    await service.untilReady()
    await service.until(
      'the workers are ready',
      async () => readSeries(await service.scrape(), 'telemetry_workers') === workers,
    )
    const pids = service.children
    assert.equal(pids.length, workers)
    for (const pid of pids) {
      const heap = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
        .split('\0')
        .filter((option) => /^--max-(old|semi)-space-size/.test(option))
      assert.deepEqual(heap, heapOptions)
    }
    const load = startSteadyLoad(await service.serviceUrl(), 500)
    await sleep(3_000)
    const { failed } = await load.stop()
    assert.deepEqual(failed, [])
    assert.equal(readSeries(await service.scrape(), 'telemetry_worker_deaths_total'), 0)
    assert.deepEqual(service.children, pids)
    service.kill('SIGTERM')
    assert.deepEqual(await service.exit, { code: 0, signal: null })
  })
}
