import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findPeer } from '@node-to-cloud/peers'
import { seededRandom, seedFromEnvironment } from '../test/testing/seeded-random.ts'
import { eventually } from './child.ts'
import { PROGRAM, PROMETHEUS_IS_MISSING } from './prometheus.ts'
import { Stack } from './stack.ts'

const PROMETHEUS_3 = await findPeer('prometheus')
const IS_MISSING =
  PROMETHEUS_IS_MISSING ||
  (PROMETHEUS_3 === undefined && 'Prometheus 3 is missing (node tools/peers/src/main.ts prometheus)')

for (const [version, remoteWrite] of [
  ['1.0', {}],
  ['2.0', { protobuf_message: 'io.prometheus.write.v2.Request' }],
] as const) {
  test(`an upgrade to Prometheus 3 with remote_write ${version}, and a downgrade, lose nothing`, {
    skip: IS_MISSING,
    timeout: 500_000,
  }, async (context) => {
    const seed = seedFromEnvironment()
    context.diagnostic(`SEED=${seed}`)
    const stack = await Stack.start(context, { random: seededRandom(seed) })
    const { prometheus, emulator, sidecar } = stack
    const points = async () => (await emulator.summary()).points
    const grows = async (what: string) => {
      const before = await points()
      await eventually(what, async () => (await points()) > before + 100, { withinMs: 120_000 })
    }
    await grows('points of Prometheus 2 are stored')
    await prometheus.change(PROMETHEUS_3 ?? '', remoteWrite)
    await grows('points of Prometheus 3 are stored')
    const { expected } = await stack.verifyAll('after the upgrade')
    await prometheus.change(PROGRAM)
    await grows('points of Prometheus 2 are stored again')
    const { expected: all } = await stack.verifyAll('after the downgrade')
    context.diagnostic(`${expected} convertible samples up to the upgrade, ${all} in all`)
    assert.ok(all > expected)
    assert.equal(await sidecar.metric('prometheus_sidecar_hole_unfilled_series'), 0)
    const names = new Set((await emulator.stored()).map(({ type }) => type))
    for (const type of names) assert.ok(!names.has(`${type}_total`), `${type} has one name`)
  })
}
