import { test } from 'node:test'
import { findPeer } from '@node-to-cloud/peers'
import { seedFromEnvironment } from '../test/testing/seeded-random.ts'
import { type InvariantOptions, startFlaskApp, verifyInvariant } from './invariant.ts'
import { PROMETHEUS_IS_MISSING } from './prometheus.ts'

const PROMETHEUS_3 = await findPeer('prometheus')

/** Concurrent runs, each with its own seed, Prometheus, sidecar and emulator. Prometheus 2.42 has no remote_write 2.0. */
const RUNS: readonly Pick<InvariantOptions, 'format' | 'prometheus'>[] = [
  { format: 'external' },
  { format: 'gmp' },
  ...(PROMETHEUS_3 === undefined
    ? []
    : (['external', 'gmp'] as const).map((format) => ({
        format,
        prometheus: { program: PROMETHEUS_3, remoteWrite: { protobuf_message: 'io.prometheus.write.v2.Request' } },
      }))),
]

test('every convertible sample is stored exactly once through outages, lost and slow responses, kills, restarts and reloads', {
  skip: PROMETHEUS_IS_MISSING,
  timeout: 400_000,
  concurrency: RUNS.length,
}, async (context) => {
  const seed = seedFromEnvironment()
  context.diagnostic(`SEED=${seed} (each run has this plus its number)`)
  const flaskApp = await startFlaskApp(context)
  const faults = { durationSeconds: 110, pauseSeconds: { api: 20, sidecar: 45, prometheus: 90 } }
  await Promise.all(
    RUNS.map((run, index) => {
      const name = `format ${run.format}, remote_write ${run.prometheus === undefined ? '1.0' : '2.0'}`
      return context.test(`${name}, seed ${seed + index}`, (inner) =>
        verifyInvariant(inner, { ...run, seed: seed + index, flaskApp, faults, settleMs: 200_000 }),
      )
    }),
  )
})
