import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StoredPoint } from '../test/testing/stored-points.ts'
import { startBothFormats } from './both-formats.ts'
import { eventually } from './child.ts'
import { PROMETHEUS_IS_MISSING } from './prometheus.ts'

const EXTERNAL = 'external.googleapis.com/prometheus/'
const GMP = 'prometheus.googleapis.com/'

test('migration: both formats are written completely for a while, then one continues without the other', {
  skip: PROMETHEUS_IS_MISSING,
  timeout: 300_000,
}, async (context) => {
  const { stack, external, gmp } = await startBothFormats(context)
  const { prometheus, emulator } = stack

  const storedOf = async (prefix: string) => (await emulator.stored()).filter(({ type }) => type.startsWith(prefix))
  const newestOf = async (prefix: string) => Math.max(0, ...(await storedOf(prefix)).map(({ endMs }) => endMs))
  await eventually('both formats are written', async () => (await storedOf(GMP)).length > 100, { withinMs: 120_000 })

  await prometheus.writeTo([`${gmp.url}/api/v1/write`])
  await external.child.stop()
  const endedMs = await newestOf(EXTERNAL)
  await eventually('the other continues', async () => (await newestOf(GMP)) > endedMs + 20_000, { withinMs: 120_000 })
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
