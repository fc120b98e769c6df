import { runMain } from '@node-to-cloud/telemetry/run-main'
import { createShutdown } from '@node-to-cloud/telemetry/shutdown'

const shutdown = createShutdown()

runMain('custom-metrics-example', async () => {
  const { readEnvironment } = await import('@node-to-cloud/telemetry')
  const { environmentSpec } = await import('./environment.ts')
  const environment = readEnvironment(environmentSpec)
  const { startApp } = await import('./app.ts')
  await startApp(environment, shutdown)
})
