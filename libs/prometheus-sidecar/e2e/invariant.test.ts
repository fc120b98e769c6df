import { test } from 'node:test'
import { seedFromEnvironment } from '../test/testing/seeded-random.ts'
import { holdsInvariant, startFlaskApp } from './invariant.ts'
import { PROMETHEUS_IS_MISSING } from './prometheus.ts'

/** Concurrent runs, each with its own seed, Prometheus, sidecar and emulator. */
const RUNS = 3

test('through outages, lost and slow answers, kills, restarts and reloads every convertible sample is stored exactly once', {
  skip: PROMETHEUS_IS_MISSING,
  timeout: 400_000,
  concurrency: RUNS,
}, async (context) => {
  const seed = seedFromEnvironment()
  context.diagnostic(`SEED=${seed} (each run has this plus its number)`)
  const flaskApp = await startFlaskApp(context)
  const faults = { durationSeconds: 110, pauseSeconds: { api: 20, sidecar: 45, prometheus: 90 } }
  await Promise.all(
    Array.from({ length: RUNS }, (_, run) =>
      context.test(`seed ${seed + run}`, (inner) =>
        holdsInvariant(inner, { seed: seed + run, flaskApp, faults, settleMs: 200_000 }),
      ),
    ),
  )
})
