import { installWorkerSignals, reportFailure } from '@node-to-cloud/telemetry/cluster/worker-signals'
import { runMain } from '@node-to-cloud/telemetry/run-main'
import { createShutdown } from '@node-to-cloud/telemetry/shutdown'

const shutdown = createShutdown({ signals: [] })
installWorkerSignals(shutdown)

runMain('flask-app worker', async () => {
  try {
    const { readEnvironment } = await import('@node-to-cloud/telemetry')
    const { ENVIRONMENT_SPEC } = await import('./environment.ts')
    const { runWorker } = await import('./worker.ts')
    await runWorker(readEnvironment(ENVIRONMENT_SPEC), shutdown)
  } catch (error) {
    // If shutdown begins during startup, parts of the service are already closed.
    if (shutdown.begun) return
    reportFailure(error)
    throw error
  }
})
