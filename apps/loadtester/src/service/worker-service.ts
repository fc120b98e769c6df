import { hostname } from 'node:os'
import { grantedCpus, startTelemetry } from '@node-to-cloud/telemetry'
import { allowedTargets, scriptsDirectory, type WorkerSettings } from '../environment.ts'
import { ScriptCatalog } from '../script/files/script-catalog.ts'
import { resolveToken } from '../security/token.ts'
import { MasterConnection } from '../worker/master-connection.ts'
import { createWorker } from './create-worker.ts'

/** Runs a worker until a signal ends it. */
export async function runWorker(settings: WorkerSettings, version: string): Promise<void> {
  const telemetry = await startTelemetry({ service: { name: 'loadtester', version }, environment: settings })
  const { logger, shutdown, registry, metricsUrl } = telemetry
  const log = (message: string, fields: object = {}): void => logger.info(fields, message)
  const { value: token } = resolveToken(settings)
  const catalog = new ScriptCatalog(scriptsDirectory(settings))
  const agent = createWorker({
    name: settings.LOAD_WORKER_NAME ?? `${hostname()}-${process.pid}`,
    version,
    weight: settings.LOAD_WEIGHT ?? grantedCpus(),
    httpEngine: settings.LOAD_HTTP_ENGINE,
    maximumSeries: settings.LOAD_MAX_SERIES,
    resolveScript: (name) => catalog.resolve(name),
    allowedTargets: allowedTargets(settings),
    ...{ registry, metricsUrl, log },
  })
  const connection = new MasterConnection(agent, {
    ...{ url: settings.master, token, log },
    onMasterEnded: () => {
      if (settings.endsWithMaster) process.kill(process.pid, 'SIGTERM')
    },
  })
  telemetry.addReadinessCheck(() => (agent.isConnected ? [] : ['not connected to the master']))
  shutdown.add('worker', async () => {
    connection.close()
    await agent.leave()
  })
  telemetry.setReady()
}
