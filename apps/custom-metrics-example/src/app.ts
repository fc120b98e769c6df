import {
  type EnvironmentOf,
  packageIdentity,
  type Shutdown,
  startTelemetry,
  type Telemetry,
} from '@node-to-cloud/telemetry'
import { startCounting } from './counter.ts'
import type { environmentSpec } from './environment.ts'

/** Starts the example: it counts, and serves its metrics until the shutdown. */
export async function startApp(
  environment: EnvironmentOf<typeof environmentSpec>,
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
