import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom, seedFromEnvironment } from '../test/testing/seeded-random.ts'
import { Exporter } from './exporter.ts'
import { PROMETHEUS_IS_MISSING } from './prometheus.ts'
import { Stack } from './stack.ts'

test('a restart of Prometheus stores nothing twice, and its gaps are filled, even those of a target that has disappeared', {
  skip: PROMETHEUS_IS_MISSING,
  timeout: 300_000,
}, async (context) => {
  const seed = seedFromEnvironment()
  context.diagnostic(`SEED=${seed}`)
  const random = seededRandom(seed)
  const { exporter: gone, target } = await Exporter.start(random)
  context.after(() => {
    gone.server.close()
    gone.server.closeAllConnections()
  })
  const stack = await Stack.start(context, { random, jobs: [{ job: 'gone', target, interval: '6s' }] })
  await stack.pileUp({ points: 200, samples: 300 })
  const metadata = await stack.prometheus.metadata()
  await stack.prometheus.child.stop('SIGKILL')
  await stack.restartPrometheusWithout('gone', metadata)
  await stack.emulator.clearFaults()

  const { expected } = await stack.verifyAll('after the restart')
  const filled = await stack.sidecar.metric('prometheus_sidecar_hole_filled_samples')
  context.diagnostic(`${expected} convertible samples, ${filled} raw samples filled into gaps`)
  assert.ok(filled > 0, 'gaps were filled')
  assert.equal(await stack.sidecar.metric('prometheus_sidecar_hole_unfilled_series'), 0)
})
