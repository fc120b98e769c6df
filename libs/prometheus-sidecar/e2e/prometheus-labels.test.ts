import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom, seedFromEnvironment } from '../test/testing/seeded-random.ts'
import { eventually } from './child.ts'
import { PROMETHEUS_IS_MISSING } from './prometheus.ts'
import { Stack } from './stack.ts'

test('series continue unchanged when a reload adds and changes external labels', {
  skip: PROMETHEUS_IS_MISSING,
  timeout: 500_000,
}, async (context) => {
  const seed = seedFromEnvironment()
  context.diagnostic(`SEED=${seed}`)
  const stack = await Stack.start(context, { random: seededRandom(seed) })
  const { prometheus, emulator, sidecar } = stack
  const grows = async (what: string) => {
    const { points } = await emulator.summary()
    await eventually(what, async () => (await emulator.summary()).points > points + 150, { withinMs: 150_000 })
  }
  await grows('points are stored')
  for (const zone of ['a', 'b']) {
    await prometheus.reload({}, { zone })
    await eventually('the new labels are in use', () => prometheus.uses(`zone: ${zone}`), { withinMs: 120_000 })
    await grows(`points from zone ${zone} are stored`)
  }
  const { expected } = await stack.verifyAll('after the reloads')
  context.diagnostic(`${expected} convertible samples`)
  assert.deepEqual(
    (await emulator.stored()).filter(({ labels }) => 'zone' in labels),
    [],
  )
  assert.equal(await sidecar.metric('prometheus_sidecar_audit_differences'), 0)
})
