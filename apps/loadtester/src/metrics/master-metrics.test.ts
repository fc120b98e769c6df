import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { collectFamilies, Registry, renderExposition } from '@node-to-cloud/telemetry'
import { PlayedWorker } from '../../test/testing/played-worker.ts'
import { LoadProfile } from '../load/profile.ts'
import { Tally } from '../results/tally.ts'
import { Master } from '../run/master.ts'
import { registerMasterMetrics } from './master-metrics.ts'
import { WorkerMetrics } from './worker-metrics.ts'

/** The expositions of a master in a run, and of a worker. */
async function registries(): Promise<readonly (readonly [role: string, registry: Registry])[]> {
  const master = new Master({ version: '1', maximumSeries: 10, log: () => {} })
  const registry = new Registry()
  registerMasterMetrics(registry, master)
  const worker = new PlayedWorker(master, 'a')
  await master.waitForWorkers(1, 5000)
  const run = await master.start({
    script: { name: 's.yml', digest: 'd', target: 'http://t' },
    ...{ model: 'open', profile: LoadProfile.constant(1), maximumUsers: 1, bounds: [] },
  })
  worker.report('report', run.id, 5)
  await collectFamilies(registry)
  const workers = new Registry()
  const tally = new Tally()
  tally.seriesOf('GET', '/').addEnd({ durationMs: 5, firstByteMs: 1, status: 200, error: undefined, bytes: 1 })
  new WorkerMetrics(workers, 10).add(tally, { users: 1, inFlight: 0, utilization: 0, cpuCores: 0, memoryBytes: 1 })
  master.close()
  return [
    ['a master', registry],
    ['a worker', workers],
  ]
}

const promtool = process.env.PROMTOOL ?? 'promtool'
const hasPromtool = spawnSync(promtool, ['--version']).status === 0

describe('the exposition', async () => {
  for (const [role, registry] of await registries()) {
    it(`of ${role} has quantiles in summaries alone`, async () => {
      for (const { name, type, samples } of await collectFamilies(registry))
        assert.ok(type === 'summary' || samples.every(({ labels }) => !('quantile' in labels)), name)
    })

    it(`of ${role} has nothing that promtool finds`, {
      skip: !hasPromtool && 'promtool is not on this machine',
    }, async () => {
      const input = renderExposition(await collectFamilies(registry), 'text')
      const { status, stdout, stderr } = spawnSync(promtool, ['check', 'metrics'], { input, encoding: 'utf8' })
      assert.deepEqual([status, stdout, stderr], [0, '', ''], input)
    })
  }
})
