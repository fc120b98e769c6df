import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findPeer } from '@node-to-cloud/peers'
import { seededRandom, seedFromEnvironment } from '../test/testing/seeded-random.ts'
import type { StoredDistribution } from '../test/testing/stored-points.ts'
import { eventually } from './child.ts'
import { PROMETHEUS_IS_MISSING } from './prometheus.ts'
import { Stack } from './stack.ts'
import { SteadyTarget } from './steady-target.ts'

const PROMETHEUS_3 = await findPeer('prometheus')
const IS_MISSING =
  PROMETHEUS_IS_MISSING ||
  (PROMETHEUS_3 === undefined && 'Prometheus 3 is missing (node tools/peers/src/main.ts prometheus)')
const TYPE = 'external.googleapis.com/prometheus/spent_ms'

// Over remote_write 1.0, Prometheus sends no native histograms that were converted from classic ones.
test('native histograms that Prometheus 3 skips in remote_write 2.0 are filled in from its database', {
  skip: IS_MISSING,
  timeout: 500_000,
}, async (context) => {
  const { target, address } = await SteadyTarget.start()
  context.after(() => target.close())
  const { prometheus, emulator, sidecar } = await Stack.start(context, {
    random: seededRandom(seedFromEnvironment()),
    jobs: [{ job: 'steady', target: address, interval: '2s', convertsHistograms: true }],
    prometheus: {
      program: PROMETHEUS_3 ?? '',
      remoteWrite: { protobuf_message: 'io.prometheus.write.v2.Request', send_native_histograms: true },
    },
  })
  const raw = () => prometheus.rawHistograms('spent_ms{job="steady"}')
  const stored = async () => {
    const points = (await emulator.stored()).filter(({ type }) => type === TYPE)
    return new Map(points.map(({ endMs, value }) => [endMs, (value as StoredDistribution).count]))
  }
  await eventually('distributions are stored', async () => (await stored()).size >= 3, {
    withinMs: 90_000,
    detail: () => sidecar.output.slice(-3000),
  })

  await emulator.fault({ code: 'UNAVAILABLE', durationSeconds: 600 })
  const before = (await raw()).length
  await eventually('more is scraped', async () => (await raw()).length > before + 5, { withinMs: 90_000 })
  await prometheus.reload({ capacity: 900, max_samples_per_send: 50 })
  // It waits for its old queues for the flush deadline, a minute.
  await eventually('the new configuration is in use', () => prometheus.uses('capacity: 900'), { withinMs: 120_000 })
  await emulator.clearFaults()

  const scraped = await raw()
  const [[, baseline] = [0, 0], ...others] = scraped
  const missing = async () => {
    const found = await stored()
    return others.filter(([timestampMs, count]) => found.get(timestampMs) !== count - baseline)
  }
  await eventually('all are stored', async () => (await missing()).length === 0, {
    withinMs: 120_000,
    everyMs: 1_000,
    detail: () => sidecar.output.slice(-3000),
  })
  const filled = await sidecar.metric('prometheus_sidecar_hole_filled_samples')
  context.diagnostic(`${scraped.length} native histograms, ${filled} samples filled into gaps`)
  assert.ok(filled > 0, 'gaps were filled')
  assert.equal(await sidecar.metric('prometheus_sidecar_hole_unfilled_series'), 0)
})
