import { test } from 'node:test'
import { seedFromEnvironment } from '../../test/testing/seeded-random.ts'
import { startFlaskApp, verifyInvariant } from '../invariant.ts'
import { PROMETHEUS_IS_MISSING } from '../prometheus.ts'

const MINUTES = Number(process.env.MINUTES ?? 30)
/** A shorter run stops the sidecar and Prometheus as often. */
const PACE = Math.min(1, MINUTES / 30)

test(`every convertible sample is stored exactly once during ${MINUTES} minutes of random faults`, {
  skip: PROMETHEUS_IS_MISSING,
  timeout: (MINUTES + 20) * 60_000,
}, async (context) => {
  const seed = seedFromEnvironment()
  context.diagnostic(`SEED=${seed}`)
  await verifyInvariant(context, {
    seed,
    flaskApp: await startFlaskApp(context),
    // Long enough for the sidecar's audits to finish before it is stopped.
    faults: { durationSeconds: MINUTES * 60, pauseSeconds: { api: 40, sidecar: 480 * PACE, prometheus: 240 * PACE } },
    settleMs: 600_000,
  })
})
