import { basename, dirname, resolve } from 'node:path'
import { startTelemetry, type Telemetry, urlHost } from '@node-to-cloud/telemetry'
import type { MasterEnvironment } from '../environment.ts'
import { registerMasterMetrics } from '../metrics/master-metrics.ts'
import { readBounds } from '../report/ensure.ts'
import { Master } from '../run/master.ts'
import { RunStarter } from '../run/run-starter.ts'
import { readScript } from '../script/script.ts'
import { ScriptCatalog } from '../script/script-catalog.ts'
import { createHostPolicy } from '../security/host-check.ts'
import { createTargetPolicy } from '../security/target-policy.ts'
import { type AccessToken, resolveToken } from '../security/token.ts'
import { CheckpointStore } from '../store/checkpoint-store.ts'
import { RunStore } from '../store/run-store.ts'
import { LogLines } from '../web/log-lines.ts'
import { createWebApp } from '../web/web-app.ts'
import { autostart } from './autostart.ts'

/** A master that listens. */
export interface MasterService {
  readonly master: Master
  readonly telemetry: Telemetry
  readonly catalog: ScriptCatalog
  /** URLs whose origins load may go to. */
  readonly targets: readonly string[]
  readonly log: (message: string, fields?: object) => void
  /** Begins the automatic run, where one is asked for. */
  readonly begin: () => void
}

const checkpointEveryMs = 2000
const takeOverMs = 6000

/** Runs a master until a signal ends it. Its workers go on without it, for as long as their lease. */
export async function runMaster(environment: MasterEnvironment, version: string): Promise<void> {
  const service = await startMaster(environment, version)
  service.begin()
}

/** Starts a master: its metrics, its web server, its history. */
export async function startMaster(environment: MasterEnvironment, version: string): Promise<MasterService> {
  const telemetry = await startTelemetry({ service: { name: 'loadtester', version }, environment })
  const { logger, shutdown, registry } = telemetry
  const lines = new LogLines()
  const log = (message: string, fields: object = {}): void => {
    lines.add(message)
    logger.info(fields, message)
  }
  const token = resolveToken({
    token: environment.LOAD_TOKEN,
    tokenFile: environment.LOAD_TOKEN_FILE,
    stateDirectory: environment.LOAD_STATE_DIR,
  })
  const catalog = new ScriptCatalog(resolve(environment.LOAD_SCRIPTS_DIR ?? dirname(environment.LOAD_SCRIPT)))
  const defaultScript = basename(environment.LOAD_SCRIPT)
  const targets = [environment.TARGET_HOST, ...environment.LOAD_ALLOWED_TARGETS]
  const checkTarget = createTargetPolicy(targets)
  await readScript(catalog.resolve(defaultScript), { target: environment.TARGET_HOST })

  const store = new RunStore(environment.LOAD_STATE_DIR, { log })
  const checkpoints = new CheckpointStore(environment.LOAD_STATE_DIR, { instance: String(environment.PORT), log })
  const checkpoint = await checkpoints.read()
  let keeping = Promise.resolve()
  const master = new Master({
    version,
    maximumSeries: environment.LOAD_MAX_SERIES,
    leaseMs: environment.LOAD_LEASE_SECONDS * 1000,
    log,
    checkpoint,
    readBounds: async (name) =>
      readBounds((await readScript(catalog.resolve(name), { target: environment.TARGET_HOST })).document.config),
    onRunEnd: (run) => {
      log(`The run of ${run.request.script.name} has ended.`)
      keeping = keeping.then(() => store.keep(run.report(master.now()))).then(() => checkpoints.drop())
    },
  })
  registerMasterMetrics(registry, master)
  const starter = new RunStarter(master, {
    catalog,
    defaultScript,
    defaultTarget: environment.TARGET_HOST,
    checkTarget,
  })
  const app = createWebApp(
    { version, master, starter, store, catalog, log: lines, defaultScript, targets },
    { token: token.value, hosts: createHostPolicy(environment.HOST, environment.LOAD_ALLOWED_HOSTS) },
  )
  await app.listen({ host: environment.HOST, port: environment.PORT })
  const keepCheckpoint = setInterval(() => {
    const { run } = master
    if (run?.state === 'running' || run?.state === 'paused') void checkpoints.keep(run, master.now())
  }, checkpointEveryMs)
  keepCheckpoint.unref()
  const ending = new AbortController()
  shutdown.onBegin(() => ending.abort())
  shutdown.add('web server', async () => {
    clearInterval(keepCheckpoint)
    await keeping
    if (master.run?.isLive === true) await checkpoints.keep(master.run, master.now())
    master.close()
    await app.close()
  })
  announce(telemetry, token, app.server.address(), environment.HOST)
  telemetry.setReady()
  return {
    master,
    telemetry,
    catalog,
    targets,
    log,
    begin() {
      if (!environment.LOAD_AUTOSTART) return
      const options = {
        rate: environment.LOAD_RATE,
        expectWorkers: environment.LOAD_EXPECT_WORKERS,
        takeOverMs: checkpoint === undefined ? 0 : takeOverMs,
        log,
        signal: ending.signal,
      }
      void autostart(master, starter, options)
    },
  }
}

/** Shows the URL. The token goes to a terminal only, never into a log that is collected. */
function announce(
  { logger }: Telemetry,
  token: AccessToken,
  address: ReturnType<import('node:net').Server['address']>,
  host: string,
): void {
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const url = `http://${urlHost(host)}:${port}/`
  logger.info({ url }, `The console is at ${url}; its token is in ${token.source}.`)
  if (process.stderr.isTTY === true)
    process.stderr.write(`\n  Open ${url}?token=${encodeURIComponent(token.value)}\n\n`)
}
