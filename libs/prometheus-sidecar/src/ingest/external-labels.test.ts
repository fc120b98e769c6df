import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { passLearning, type Sidecar, send, startSidecar, stored } from '../../test/testing/ingester-rig.ts'
import type { Labels } from '../model/labels/labels.ts'

const parts = (zone: string, at: number, low: number, all: number) => [
  `h_bucket{le=1,zone=${zone}} ${low} @${at}`,
  `h_bucket{le=+Inf,zone=${zone}} ${all} @${at}`,
  `h_count{zone=${zone}} ${all} @${at}`,
  `h_sum{zone=${zone}} ${all} @${at}`,
]

/** Prometheus adds `zone=x`, and `zone=y` after a reload that is noticed when new series appear. */
async function startRig(stateFile?: string): Promise<{ sidecar: Sidecar; reload: () => void }> {
  const externalLabels = new Map([['zone', 'x']])
  const formerExternalLabels: Labels[] = []
  const sidecar = await startSidecar({
    rules: { externalLabels, formerExternalLabels },
    ...(stateFile === undefined ? {} : { stateFile }),
  })
  const reload = () => {
    sidecar.targets.onCheckConfig = () => {
      if (formerExternalLabels.length > 0) return
      formerExternalLabels.push(new Map(externalLabels))
      externalLabels.set('zone', 'y')
      sidecar.targets.generation += 1
    }
  }
  return { sidecar, reload }
}

test('all series continue under external labels changed by a reload', async () => {
  const { sidecar, reload } = await startRig()
  await send(sidecar, 'c_total{zone=x} 5 @10000', 'g{zone=x} 1 @10000', ...parts('x', 10_000, 1, 2))
  passLearning(sidecar)
  await send(sidecar, 'c_total{zone=x} 7 @20000', 'g{zone=x} 2 @20000', ...parts('x', 20_000, 2, 4))
  reload()
  const [low = '', ...others] = parts('y', 30_000, 3, 7)
  await send(sidecar, 'c_total{zone=y} 10 @30000', 'g{zone=y} 3 @30000', low)
  await send(sidecar, ...others)
  passLearning(sidecar)
  await send(sidecar, 'c_total{zone=y} 1 @40000', 'g{zone=y} 4 @40000', ...parts('y', 40_000, 3, 9))
  assert.deepEqual(stored(sidecar), {
    c: ['10000..20000 2', '10000..30000 5', '39999..40000 1'],
    g: ['10000 1', '20000 2', '30000 3', '40000 4'],
    h: ['10000..20000 [1 1] mean 1', '10000..30000 [2 3] mean 1', '10000..40000 [2 5] mean 1'],
  })
  assert.equal(sidecar.drops.get('first_sample'), 2)
})

test('a sample with the labels from before the reload belongs to the same series', async () => {
  const { sidecar, reload } = await startRig()
  await send(sidecar, 'g{zone=x} 1 @10000')
  reload()
  await send(sidecar, 'g{a=1,zone=y} 2 @20000')
  await send(sidecar, 'g{zone=x} 3 @20000')
  assert.deepEqual(stored(sidecar), { g: ['10000 1', '20000 3'], 'g a=1': ['20000 2'] })
})

test('the state contains them under their new labels', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'external-labels-'))
  context.after(() => rm(folder, { recursive: true }))
  const stateFile = join(folder, 'state')
  const { sidecar, reload } = await startRig(stateFile)
  await send(sidecar, 'c_total{zone=x} 5 @10000')
  await send(sidecar, 'c_total{zone=x} 7 @20000')
  reload()
  await send(sidecar, 'c_total{zone=y} 10 @30000')
  await sidecar.close()
  const next = await startSidecar({ api: sidecar.api, stateFile, rules: { externalLabels: new Map([['zone', 'y']]) } })
  await send(next, 'c_total{zone=y} 12 @40000')
  assert.deepEqual(stored(next), { c: ['10000..20000 2', '10000..30000 5', '10000..40000 7'] })
})
