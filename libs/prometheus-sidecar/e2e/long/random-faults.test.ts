import { test } from 'node:test'
import { seedFromEnvironment } from '../../test/testing/seeded-random.ts'
import { holdsInvariant, startFlaskApp } from '../invariant.ts'
import { PROMETHEUS_IS_MISSING } from '../prometheus.ts'

const MINUTES = Number(process.env.MINUTES ?? 30)
/** A shorter run has as many ends of sidecar and Prometheus. */
const PACE = Math.min(1, MINUTES / 30)

test(`for ${MINUTES} minutes of random faults every convertible sample is stored exactly once`, {
  skip: PROMETHEUS_IS_MISSING,
  timeout: (MINUTES + 20) * 60_000,
}, async (context) => {
  const seed = seedFromEnvironment()
  context.diagnostic(`SEED=${seed}`)
  await holdsInvariant(context, {
    seed,
    flaskApp: await startFlaskApp(context),
    // Long enough without the sidecar's end for its audits.
    faults: { durationSeconds: MINUTES * 60, pauseSeconds: { api: 40, sidecar: 480 * PACE, prometheus: 240 * PACE } },
    settleMs: 600_000,
  })
})
