import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { seededRandom, seedFromEnvironment } from '../../test/testing/seeded-random.ts'
import { eventually } from '../child.ts'
import { PROMETHEUS_IS_MISSING } from '../prometheus.ts'
import { Stack } from '../stack.ts'

/** Longer than Prometheus' default of a minute, as on a machine on which it stops slowly. */
const FLUSH_DEADLINE_SECONDS = 90

test(`a gap is filled after a stop of Prometheus that takes ${FLUSH_DEADLINE_SECONDS} s, in which it sends with its database closed`, {
  skip: PROMETHEUS_IS_MISSING,
  timeout: 500_000,
}, async (context) => {
  const seed = seedFromEnvironment()
  context.diagnostic(`SEED=${seed}`)
  const stack = await Stack.start(context, {
    random: seededRandom(seed),
    prometheus: { flushDeadline: `${FLUSH_DEADLINE_SECONDS}s` },
  })
  const { emulator, prometheus, sidecar } = stack
  await eventually('points are stored', async () => (await emulator.summary()).points > 60)
  // What waits in the queues of the killed process is never sent: a gap.
  sidecar.child.process.kill('SIGSTOP')
  await sleep(20_000)
  await prometheus.child.stop('SIGKILL')
  await prometheus.restart()
  await eventually(
    'samples wait to be sent',
    async () => (await prometheus.metric('prometheus_remote_storage_samples_pending')) > 0,
  )
  const stopped = prometheus.child.stop('SIGTERM', (FLUSH_DEADLINE_SECONDS + 30) * 1000)
  await sleep(2_000)
  sidecar.child.process.kill('SIGCONT')
  await stopped
  await prometheus.restart()

  const { expected } = await stack.verifyAll('after the stop')
  const filled = await sidecar.metric('prometheus_sidecar_hole_filled_samples')
  context.diagnostic(`${expected} convertible samples, ${filled} raw samples filled into gaps`)
  assert.ok(filled > 0, 'gaps were filled')
  assert.equal(await sidecar.metric('prometheus_sidecar_hole_unfilled_series'), 0)
})
