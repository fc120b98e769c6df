import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { passLearning, type Sidecar, send, startSidecar, stored, TARGET } from '../../../test/testing/ingester-rig.ts'
import type { Target } from '../../model/target.ts'

const KUBERNETES = { kubernetesLocation: 'l', kubernetesClusterName: 'c' }

function inPod(pod: string): Target {
  const discoveredLabels = new Map([
    ...TARGET.discoveredLabels,
    ['__meta_kubernetes_namespace', 'n'],
    ['__meta_kubernetes_pod_name', pod],
    ['__meta_kubernetes_pod_container_name', 'app'],
  ])
  return { ...TARGET, discoveredLabels }
}

function moveTo(sidecar: Sidecar, pod: string): void {
  sidecar.targets.target = inPod(pod)
  sidecar.targets.generation += 1
}

async function started(context: TestContext, options: Parameters<typeof startSidecar>[0] = {}): Promise<Sidecar> {
  const sidecar = await startSidecar({ resourceDefaults: KUBERNETES, ...options })
  context.after(() => sidecar.close())
  moveTo(sidecar, 'a')
  return sidecar
}

const histogram = (at: number, low: number, all: number) => [
  `h_bucket{le=1} ${low} @${at}`,
  `h_bucket{le=+Inf} ${all} @${at}`,
  `h_sum ${all} @${at}`,
  `h_count ${all} @${at}`,
]

test('a counter continues in the new pod where it was last stored in the old one', async (context) => {
  const sidecar = await started(context)
  for (const [at, value] of [
    [10_000, 100],
    [20_000, 130],
    [30_000, 180],
  ])
    await send(sidecar, `c_total ${value} @${at}`, `g ${value} @${at}`)
  moveTo(sidecar, 'b')
  for (const [at, value] of [
    [40_000, 200],
    [50_000, 260],
  ])
    await send(sidecar, `c_total ${value} @${at}`, `g ${value} @${at}`)
  assert.deepEqual(stored(sidecar), {
    'c in a': ['10000..20000 30', '10000..30000 80'],
    'c in b': ['30000..40000 20', '30000..50000 80'],
    'g in a': ['10000 100', '20000 130', '30000 180'],
    'g in b': ['40000 200', '50000 260'],
  })
})

test('an increase that was too frequent for a point of the old pod is in the first point of the new one', async (context) => {
  const sidecar = await started(context, { rules: { minSamplingPeriodMs: 5_000 } })
  await send(sidecar, 'c_total 100 @10000', 'c_total 130 @20000', 'c_total 140 @22000')
  moveTo(sidecar, 'b')
  await send(sidecar, 'c_total 160 @32000')
  assert.deepEqual(stored(sidecar), { 'c in a': ['10000..20000 30'], 'c in b': ['20000..32000 30'] })
})

test('a counter without a stored point keeps its baseline', async (context) => {
  const sidecar = await started(context)
  await send(sidecar, 'c_total 100 @10000')
  moveTo(sidecar, 'b')
  await send(sidecar, 'c_total 130 @20000')
  assert.deepEqual(stored(sidecar), { 'c in b': ['10000..20000 30'] })
})

test('all parts of a histogram continue in the new pod', async (context) => {
  const sidecar = await started(context)
  await send(sidecar, ...histogram(10_000, 1, 2))
  passLearning(sidecar)
  await send(sidecar, ...histogram(20_000, 3, 5))
  moveTo(sidecar, 'b')
  const [bucket = '', ...others] = histogram(30_000, 4, 8)
  await send(sidecar, bucket)
  await send(sidecar, ...others)
  await send(sidecar, ...histogram(40_000, 4, 9))
  assert.deepEqual(stored(sidecar), {
    'h in a': ['10000..20000 [2 1] mean 1'],
    'h in b': ['20000..30000 [1 2] mean 1', '20000..40000 [1 3] mean 1'],
  })
})

test('a counter returns to its previous pod', async (context) => {
  const sidecar = await started(context)
  await send(sidecar, 'c_total 100 @10000', 'c_total 130 @20000')
  moveTo(sidecar, 'b')
  await send(sidecar, 'c_total 150 @30000')
  moveTo(sidecar, 'a')
  await send(sidecar, 'c_total 160 @40000')
  assert.deepEqual(stored(sidecar), {
    'c in a': ['10000..20000 30', '30000..40000 10'],
    'c in b': ['20000..30000 20'],
  })
})

test('a pod that was renamed while the sidecar was away counts nothing twice', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'sidecar-moves-'))
  const options = { resourceDefaults: KUBERNETES, stateFile: join(folder, 'state'), target: inPod('a') }
  const first = await startSidecar(options)
  await send(first, 'c_total 100 @10000', 'c_total 130 @20000')
  await first.close()
  // It knows the target of the last run until Prometheus reports the other one.
  const second = await startSidecar({ ...options, api: first.api })
  context.after(async () => {
    await second.close()
    await rm(folder, { recursive: true })
  })
  moveTo(second, 'b')
  await send(second, 'c_total 180 @40000')
  assert.deepEqual(stored(second), { 'c in a': ['10000..20000 30'], 'c in b': ['20000..40000 50'] })
})

test('a move is in the state', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'sidecar-moves-'))
  const stateFile = join(folder, 'state')
  const first = await startSidecar({ resourceDefaults: KUBERNETES, stateFile })
  moveTo(first, 'a')
  await send(first, 'c_total 100 @10000', 'c_total 130 @20000', ...histogram(10_000, 1, 2))
  passLearning(first)
  await send(first, ...histogram(20_000, 3, 5))
  moveTo(first, 'b')
  await send(first, 'c_total 150 @30000', ...histogram(30_000, 4, 8))
  await first.close()
  const second = await startSidecar({
    resourceDefaults: KUBERNETES,
    stateFile,
    api: first.api,
    target: inPod('b'),
  })
  context.after(async () => {
    await second.close()
    await rm(folder, { recursive: true })
  })
  await send(second, 'c_total 180 @40000', ...histogram(40_000, 5, 9))
  assert.deepEqual(stored(second), {
    'c in a': ['10000..20000 30'],
    'c in b': ['20000..30000 20', '20000..40000 50'],
    'h in a': ['10000..20000 [2 1] mean 1'],
    'h in b': ['20000..30000 [1 2] mean 1', '20000..40000 [2 2] mean 1'],
  })
})
