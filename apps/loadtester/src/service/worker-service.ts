import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { dirname, resolve } from 'node:path'
import { grantedCpus, startTelemetry } from '@node-to-cloud/telemetry'
import type { WorkerEnvironment } from '../environment.ts'
import { ScriptCatalog } from '../script/script-catalog.ts'
import { resolveToken } from '../security/token.ts'
import { MasterConnection } from '../worker/master-connection.ts'
import { WorkerAgent } from '../worker/worker-agent.ts'
import { WorkerMetrics } from '../worker/worker-metrics.ts'

/** Runs a worker until a signal ends it. */
export async function runWorker(environment: WorkerEnvironment, version: string): Promise<void> {
  const telemetry = await startTelemetry({ service: { name: 'loadtester', version }, environment })
  const { logger, shutdown, registry } = telemetry
  const log = (message: string, fields: object = {}): void => logger.info(fields, message)
  const token = resolveToken({
    token: environment.LOAD_TOKEN,
    tokenFile: environment.LOAD_TOKEN_FILE,
    stateDirectory: environment.LOAD_STATE_DIR,
  })
  const catalog = new ScriptCatalog(resolve(environment.LOAD_SCRIPTS_DIR ?? dirname(environment.LOAD_SCRIPT)))
  const metrics = new WorkerMetrics(registry, environment.LOAD_MAX_SERIES)
  const agent = new WorkerAgent({
    id: randomUUID(),
    name: environment.LOAD_WORKER_NAME ?? `${hostname()}-${process.pid}`,
    version,
    weight: environment.LOAD_WEIGHT ?? grantedCpus(),
    httpEngine: environment.LOAD_HTTP_ENGINE,
    maximumSeries: environment.LOAD_MAX_SERIES,
    metricsUrl: telemetry.metricsUrl,
    resolveScript: (name) => catalog.resolve(name),
    allowedTargets: [environment.TARGET_HOST, ...environment.LOAD_ALLOWED_TARGETS],
    onTally: (tally, gauges) => metrics.add(tally, gauges),
    onSpans: (deltas) => metrics.addSpans(deltas),
    log,
  })
  const connection = new MasterConnection(agent, { url: environment.LOAD_MASTER, token: token.value, log })
  telemetry.addReadinessCheck(() => (agent.connected ? [] : ['not connected to the master']))
  shutdown.add('worker', async () => {
    connection.close()
    await agent.leave()
  })
  telemetry.setReady()
}
