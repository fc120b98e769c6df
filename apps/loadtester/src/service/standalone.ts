import { collectFamilies, grantedCpus, listenMetrics, Registry } from '@node-to-cloud/telemetry'
import { allowedTargets, type StandaloneSettings } from '../environment.ts'
import { LocalFleet } from './local-fleet.ts'
import { startMaster } from './master-service.ts'

/** Runs a master and one worker in one process until a signal ends it; the run ends with it. */
export async function runStandalone(settings: StandaloneSettings, version: string): Promise<void> {
  const registry = new Registry()
  const { master, telemetry, catalog, log, autostart } = await startMaster(settings, version, {
    workerRegistry: registry,
  })
  // The worker's metrics have a port of their own, as they have when master and worker are separate processes.
  const isServed = settings.OTEL_METRICS_EXPORTER.includes('prometheus')
  const metricsServer = await listenMetrics({
    host: settings.HOST,
    port: settings.WORKER_METRICS_PORT,
    collect: isServed ? () => collectFamilies(registry) : undefined,
    readiness: () => [],
  })
  if (isServed)
    log(`The worker's metrics are at ${metricsServer.url}/metrics.`, { url: `${metricsServer.url}/metrics` })
  const workers = new LocalFleet(master, 1, {
    version,
    weight: grantedCpus(),
    httpEngine: settings.LOAD_HTTP_ENGINE,
    maximumSeries: settings.LOAD_MAX_SERIES,
    metricsUrl: metricsServer.url,
    resolveScript: (name) => catalog.resolve(name),
    allowedTargets: allowedTargets(settings),
    ...{ registry, log },
  })
  telemetry.shutdown.add('load', async () => {
    await workers.close()
    await metricsServer.close()
  })
  autostart()
}
