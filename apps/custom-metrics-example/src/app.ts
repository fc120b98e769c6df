import {
  type EnvironmentOf,
  packageIdentity,
  type Shutdown,
  startTelemetry,
  type Telemetry,
} from '@node-to-cloud/telemetry'
import { startCounting } from './counter.ts'
import type { ENVIRONMENT_SPEC } from './environment.ts'

/** Starts the example: it increments its counter and serves its metrics until shutdown. */
export async function startApp(
  environment: EnvironmentOf<typeof ENVIRONMENT_SPEC>,
  shutdown: Shutdown,
): Promise<Telemetry> {
  const telemetry = await startTelemetry({
    service: packageIdentity(import.meta.url),
    environment,
    shutdown,
  })
  const stopCounting = startCounting({ registry: telemetry.registry, environment: environment.ENVIRONMENT })
  shutdown.add('counting', stopCounting)
  telemetry.setReady()
  return telemetry
}
