import type { AddressInfo } from 'node:net'
import { type EnvironmentOf, packageIdentity, type Shutdown, startTelemetry, urlHost } from '@node-to-cloud/telemetry'
import { joinCluster } from '@node-to-cloud/telemetry/cluster/worker'
import { buildApp } from './app.ts'
import { createChaos } from './chaos.ts'
import type { ENVIRONMENT_SPEC } from './environment.ts'

/** Runs the service in this worker until shutdown. */
export async function runWorker(
  environment: EnvironmentOf<typeof ENVIRONMENT_SPEC>,
  shutdown: Shutdown,
): Promise<void> {
  const service = packageIdentity(import.meta.url)
  const telemetry = await startTelemetry({ service, environment, shutdown, role: 'worker' })
  const worker = joinCluster({ telemetry })
  const app = await buildApp({
    telemetry,
    chaos: createChaos(environment.CHAOS_TARGET_PERCENT),
    environment: environment.ENVIRONMENT,
  })
  await app.listen({ host: environment.HOST, port: environment.PORT })
  const { port } = app.server.address() as AddressInfo
  worker.setReady(`http://${urlHost(environment.HOST)}:${port}/`)
}
