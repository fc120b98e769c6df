import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { seededRandom, seedFromEnvironment } from '../test/testing/seeded-random.ts'
import { eventually } from './child.ts'
import { PROMETHEUS_IS_MISSING } from './prometheus.ts'
import { Stack } from './stack.ts'

test('samples that Prometheus skips when two reloads change its queues are filled in from its database', {
  skip: PROMETHEUS_IS_MISSING,
  timeout: 500_000,
}, async (context) => {
  const seed = seedFromEnvironment()
  context.diagnostic(`SEED=${seed}`)
  const stack = await Stack.start(context, { random: seededRandom(seed) })
  await stack.pileUp({ points: 60, samples: 100 })
  // The second reload comes while the first waits for its old queues for the flush deadline, a minute. Until then
  // Prometheus 2 answers no queries.
  await stack.prometheus.reload({ capacity: 900, max_samples_per_send: 50 })
  await sleep(5_000)
  await stack.prometheus.reload({ capacity: 800, max_samples_per_send: 50 })
  await eventually('the new configuration is in use', () => stack.prometheus.uses('capacity: 800'), {
    withinMs: 200_000,
  })
  await stack.emulator.clearFaults()

  const { expected } = await stack.verifyAll('after the reload')
  const filled = await stack.sidecar.metric('prometheus_sidecar_hole_filled_samples')
  context.diagnostic(`${expected} convertible samples, ${filled} raw samples filled into gaps`)
  assert.ok(filled > 0, 'gaps were filled')
  assert.equal(await stack.sidecar.metric('prometheus_sidecar_hole_unfilled_series'), 0)
})
