import { randomUUID } from 'node:crypto'
import { collectFamilies, grantedCpus, listenMetrics, Registry } from '@node-to-cloud/telemetry'
import type { StandaloneEnvironment } from '../environment.ts'
import { createMemoryChannel } from '../protocol/channel.ts'
import { WorkerAgent } from '../worker/worker-agent.ts'
import { WorkerMetrics } from '../worker/worker-metrics.ts'
import { startMaster } from './master-service.ts'

/** Runs a master and one worker in one process until a signal ends it; the run ends with it. */
export async function runStandalone(environment: StandaloneEnvironment, version: string): Promise<void> {
  const service = await startMaster(environment, version)
  const { master, telemetry, catalog, targets, log } = service
  // A worker's metrics have their own port, as they have where master and workers are processes of their own.
  const registry = new Registry()
  const metrics = new WorkerMetrics(registry, environment.LOAD_MAX_SERIES)
  const metricsServer = await listenMetrics({
    host: environment.HOST,
    port: environment.WORKER_METRICS_PORT,
    collect: () => collectFamilies(registry),
    readiness: () => [],
  })
  log(`The worker's metrics are at ${metricsServer.url}/metrics.`, { url: `${metricsServer.url}/metrics` })
  const agent = new WorkerAgent({
    id: randomUUID(),
    name: 'local',
    version,
    weight: grantedCpus(),
    httpEngine: environment.LOAD_HTTP_ENGINE,
    maximumSeries: environment.LOAD_MAX_SERIES,
    metricsUrl: metricsServer.url,
    resolveScript: (name) => catalog.resolve(name),
    allowedTargets: targets,
    onTally: (tally, gauges) => metrics.add(tally, gauges),
    onSpans: (deltas) => metrics.addSpans(deltas),
    log,
  })
  const channel = createMemoryChannel()
  master.connect(channel.master)
  agent.attach(channel.worker)
  telemetry.shutdown.add('load', async () => {
    await master.stop('the load tester ends')
    await agent.leave()
    await metricsServer.close()
  })
  service.begin()
}
