import { runMain } from '@node-to-cloud/telemetry/run-main'
import { createShutdown } from '@node-to-cloud/telemetry/shutdown'

const shutdown = createShutdown()

runMain('flask-app', async () => {
  const { readEnvironment } = await import('@node-to-cloud/telemetry')
  const { environmentSpec } = await import('./environment.ts')
  const environment = readEnvironment(environmentSpec)
  const { runWorker } = await import('./worker.ts')
  await runWorker(environment, shutdown)
})
