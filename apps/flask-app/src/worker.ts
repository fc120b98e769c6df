import type { AddressInfo } from 'node:net'
import { type EnvironmentOf, packageIdentity, type Shutdown, startTelemetry, urlHost } from '@node-to-cloud/telemetry'
import { buildApp } from './app.ts'
import { createChaos } from './chaos.ts'
import type { environmentSpec } from './environment.ts'

/** Runs the service in this process, until the shutdown. */
export async function runWorker(environment: EnvironmentOf<typeof environmentSpec>, shutdown: Shutdown): Promise<void> {
  const telemetry = await startTelemetry({ service: packageIdentity(import.meta.url), environment, shutdown })
  const app = await buildApp({
    telemetry,
    chaos: createChaos(environment.CHAOS_TARGET_PERCENT),
    environment: environment.ENVIRONMENT,
  })
  shutdown.add('HTTP server', () => app.close())
  await app.listen({ host: environment.HOST, port: environment.PORT })
  const { port } = app.server.address() as AddressInfo
  const url = `http://${urlHost(environment.HOST)}:${port}/`
  telemetry.logger.info({ url }, `Hello World is at ${url}.`)
  telemetry.setReady()
}
