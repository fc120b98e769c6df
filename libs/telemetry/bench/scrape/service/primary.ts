// A cluster of eight workers with 500 series each.
import { readEnvironment, telemetryEnvironment } from '@node-to-cloud/telemetry'
import { runPrimary } from '@node-to-cloud/telemetry/cluster/primary'
import { createShutdown } from '@node-to-cloud/telemetry/shutdown'

const shutdown = createShutdown()
await runPrimary({
  service: { name: 'scraped', version: '1.0.0' },
  environment: readEnvironment(telemetryEnvironment({ metricsPort: 0 })),
  shutdown,
  workers: 8,
  exec: new URL('worker.ts', import.meta.url).pathname,
})
