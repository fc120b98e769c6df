import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { seededRandom, seedFromEnvironment } from '../test/testing/seeded-random.ts'
import type { StoredPoint } from '../test/testing/stored-points.ts'
import { eventually } from './child.ts'
import { PROMETHEUS_IS_MISSING } from './prometheus.ts'
import { Sidecar } from './sidecar.ts'
import { Stack } from './stack.ts'

const EXTERNAL = 'external.googleapis.com/prometheus/'
const GMP = 'prometheus.googleapis.com/'

test('changing over: both formats are written for a while, each whole, and one goes on without the other', {
  skip: PROMETHEUS_IS_MISSING,
  timeout: 300_000,
}, async (context) => {
  const seed = seedFromEnvironment()
  context.diagnostic(`SEED=${seed}`)
  const stack = await Stack.start(context, { random: seededRandom(seed) })
  const { prometheus, sidecar: external, emulator } = stack
  const gmp = await Sidecar.start({
    ...external.options,
    stateFile: join(prometheus.folder, 'state-gmp'),
    flags: ['--stackdriver.metrics-format=gmp'],
  })
  context.after(() => gmp.child.stop('SIGKILL'))
  await prometheus.writeTo([`${external.url}/api/v1/write`, `${gmp.url}/api/v1/write`])

  const storedOf = async (prefix: string) => (await emulator.stored()).filter(({ type }) => type.startsWith(prefix))
  const newestOf = async (prefix: string) => Math.max(0, ...(await storedOf(prefix)).map(({ endMs }) => endMs))
  await eventually('both formats are written', async () => (await storedOf(GMP)).length > 100, { withinMs: 120_000 })

  await prometheus.writeTo([`${gmp.url}/api/v1/write`])
  await external.child.stop()
  const endedMs = await newestOf(EXTERNAL)
  await eventually('the other goes on', async () => (await newestOf(GMP)) > endedMs + 20_000, { withinMs: 120_000 })
  const [before, after] = [await storedOf(EXTERNAL), await storedOf(GMP)]

  for (const { resource } of after) assert.equal(resource.type, 'prometheus_target')
  const gauges = (points: readonly StoredPoint[], type: string) =>
    new Map(points.filter((point) => point.type === type).map(({ endMs, value }) => [endMs, value]))
  const [ups, gmpUps] = [gauges(before, `${EXTERNAL}up`), gauges(after, `${GMP}up/gauge`)]
  const firstMs = Math.min(...gmpUps.keys())
  const common = [...ups].filter(([endMs]) => endMs >= firstMs)
  assert.ok(common.length > 1, 'both were written at the same times')
  for (const [endMs, value] of common) assert.equal(gmpUps.get(endMs), value, `up at ${endMs}`)
  assert.equal(await gmp.metric('prometheus_sidecar_hole_unfilled_series'), 0)
})
