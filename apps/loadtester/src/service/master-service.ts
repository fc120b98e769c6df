import { hostname } from 'node:os'
import { basename } from 'node:path'
import { createHostRules, type HostRules, isLoopbackHost } from '@node-to-cloud/browser-kit'
import { type Registry, startTelemetry, type Telemetry, urlHost } from '@node-to-cloud/telemetry'
import { allowedTargets, type MasterSettings, scriptsDirectory } from '../environment.ts'
import { registerMasterMetrics } from '../metrics/master-metrics.ts'
import type { Checkpoint } from '../run/checkpoint.ts'
import { Master } from '../run/master.ts'
import type { Run } from '../run/run.ts'
import { readBounds } from '../script/bounds/ensure.ts'
import { ScriptCatalog } from '../script/files/script-catalog.ts'
import { readScript } from '../script/script.ts'
import { createTargetPolicy } from '../security/target-policy.ts'
import { type AccessToken, resolveToken } from '../security/token.ts'
import { RunStarter } from '../start/run-starter.ts'
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
  readonly log: (message: string, fields?: object) => void
  /** Starts a run if LOAD_AUTOSTART asks for one. */
  readonly autostart: () => void
}

const CHECKPOINT_INTERVAL_MS = 2000
/** How long an automatic start waits for the workers of a stored run. */
const TAKEOVER_MS = 6000

/** Runs a master until a signal ends it. Its workers continue without it, for as long as their lease. */
export async function runMaster(settings: MasterSettings, version: string): Promise<void> {
  const service = await startMaster(settings, version)
  service.autostart()
}

/**
 * Starts a master: its metrics, its web server, its history.
 *
 * @param options.workerRegistry - the metrics of a worker in this process, which are sent with the master's
 */
export async function startMaster(
  settings: MasterSettings,
  version: string,
  { workerRegistry }: { readonly workerRegistry?: Registry } = {},
): Promise<MasterService> {
  const telemetry = await startTelemetry({
    service: { name: 'loadtester', version },
    environment: settings,
    sentRegistries: workerRegistry === undefined ? [] : [workerRegistry],
  })
  const { logger, shutdown, registry } = telemetry
  const lines = new LogLines()
  const log = (message: string, fields: object = {}): void => {
    lines.add(message)
    logger.info(fields, message)
  }
  const token = resolveToken(settings)
  const catalog = new ScriptCatalog(scriptsDirectory(settings))
  const targets = allowedTargets(settings)
  const defaultScript = basename(settings.LOAD_SCRIPT)
  const defaultTarget = settings.TARGET_HOST
  await readScript(catalog.resolve(defaultScript), { target: defaultTarget })

  const history = await openHistory(settings, log)
  const master = createMaster(settings, { version, history, catalog, lines, log })
  registerMasterMetrics(registry, master)
  const checkTarget = createTargetPolicy(targets)
  const starter = new RunStarter(master, { catalog, defaultScript, defaultTarget, checkTarget })
  const app = createWebApp(
    { version, master, starter, store: history.runs, catalog, log: lines, defaultScript, targets },
    { token: token.value, hosts: hostRules(settings) },
  )
  await app.listen({ host: settings.HOST, port: settings.PORT })
  const timer = setInterval(() => {
    if (master.run?.isUnderLoad === true) void history.checkpoints.keep(master.run, master.now())
  }, CHECKPOINT_INTERVAL_MS).unref()
  const ending = new AbortController()
  shutdown.onBegin(() => ending.abort())
  shutdown.add('web server', async () => {
    clearInterval(timer)
    await history.settled()
    if (master.run?.isLive === true) await history.checkpoints.keep(master.run, master.now())
    master.close()
    await app.close()
  })
  announce(telemetry, token, app.server.address(), settings.HOST)
  telemetry.setReady()
  return {
    ...{ master, telemetry, catalog, log },
    autostart() {
      if (!settings.LOAD_AUTOSTART) return
      const { LOAD_RATE: rate, expectWorkers } = settings
      const takeoverMs = history.checkpoint === undefined ? 0 : TAKEOVER_MS
      void autostart(master, starter, { rate, expectWorkers, takeoverMs, log, signal: ending.signal })
    },
  }
}

interface MasterParts {
  readonly version: string
  readonly history: History
  readonly catalog: ScriptCatalog
  readonly lines: LogLines
  readonly log: (message: string) => void
}

function createMaster(settings: MasterSettings, { version, history, catalog, lines, log }: MasterParts): Master {
  const master = new Master({
    version,
    maximumSeries: settings.LOAD_MAX_SERIES,
    leaseMs: settings.LOAD_LEASE_SECONDS * 1000,
    log,
    checkpoint: history.checkpoint,
    readBounds: async ({ name, target, environment, settings: given = {} }) => {
      const script = await readScript(catalog.resolve(name), { ...given, target, environment })
      return readBounds(script.document)
    },
    onWorkerLog: (worker, texts) => {
      for (const text of texts) lines.add(text, worker)
    },
    onWorkerGone: (run) => void history.checkpoints.keep(run, master.now()),
    onRunEnd: (run) => {
      log(`The run of ${run.request.script.name} has ended.`)
      history.add(run, master.now())
    },
  })
  return master
}

interface History {
  readonly runs: RunStore
  readonly checkpoints: CheckpointStore
  /** What an earlier master stored of its live run. */
  readonly checkpoint: Checkpoint | undefined
  /** Moves a run that has ended from the checkpoint to the history. */
  add(run: Run, nowMs: number): void
  settled(): Promise<void>
}

async function openHistory(
  { LOAD_STATE_DIR: directory, PORT }: MasterSettings,
  log: (message: string) => void,
): Promise<History> {
  const runs = new RunStore(directory, { log })
  const checkpoints = new CheckpointStore(directory, { instance: String(PORT), log })
  let writing = Promise.resolve()
  return {
    ...{ runs, checkpoints },
    checkpoint: await checkpoints.read(),
    add(run, nowMs) {
      writing = writing.then(() => runs.keep(run.report(nowMs))).then(() => checkpoints.drop())
    },
    settled: () => writing,
  }
}

/** Shows the console's URL. The token is shown on a terminal only, so that it never gets into collected logs. */
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

/** Beyond this machine, its own name is among those that browsers may use. */
function hostRules({ HOST, LOAD_ALLOWED_HOSTS }: MasterSettings): HostRules {
  const own = isLoopbackHost(HOST) ? [] : [hostname()]
  return createHostRules({ listenHost: HOST, allowedHosts: [...LOAD_ALLOWED_HOSTS, ...own] })
}
