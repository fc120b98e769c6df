import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, PinnedProcess, processors } from '@node-to-cloud/bench'
import { benchFile, loadtester, locust } from './commands.ts'

const token = 'token-of-a-benchmark-0123456789'

/** A master and three workers that make a load of {@link fleetRate} requests a second. */
export interface Fleet {
  readonly workers: readonly PinnedProcess[]
  /** Asks the master to stop the load. */
  stopLoad(): Promise<void>
  /** Ends all processes. */
  close(): Promise<void>
}

export const fleetRate = 600
const workerCount = 3
const locustUsers = 60

/** The load tester's fleet, running a script of this folder at a rate of its arrivals. */
export async function startFleet(targetUrl: string, script: string, arrivalRate: number): Promise<Fleet> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const state = await mkdtemp(join(tmpdir(), 'loadtester-bench-'))
  const env = {
    TARGET_HOST: targetUrl,
    METRICS_PORT: '0',
    LOAD_TOKEN: token,
    LOAD_SCRIPT: benchFile(script),
    LOAD_STATE_DIR: state,
    LOAD_WEIGHT: '1',
    OTEL_TRACES_EXPORTER: 'none',
  }
  const start = (args: readonly string[], more: Readonly<Record<string, string>> = {}): PinnedProcess =>
    new PinnedProcess(loadtester(...args), { processor: processors.underTest, env: { ...env, ...more } })
  const master = start(['master'], {
    PORT: String(port),
    LOAD_AUTOSTART: 'true',
    LOAD_RATE: String(arrivalRate),
    LOAD_EXPECT_WORKERS: String(workerCount),
  })
  const workers = Array.from({ length: workerCount }, () => start(['worker', '--master', url]))
  return {
    workers,
    async stopLoad() {
      const response = await fetch(`${url}/api/run/stop`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
      })
      if (!response.ok) throw new Error(`the load was not stopped: ${response.status} ${await response.text()}`)
    },
    async close() {
      await Promise.all([...workers, master].map((process) => process.stop()))
      await rm(state, { recursive: true, force: true })
    },
  }
}

/** Locust's fleet, with its rebalancing on; undefined where it is not installed. */
export async function startLocustFleet(targetUrl: string): Promise<Fleet | undefined> {
  const webPort = await freePort()
  const bindPort = await freePort()
  const masterLine = locust(
    ...['--master', '--master-bind-host', '127.0.0.1', '--master-bind-port', String(bindPort)],
    ...['--web-host', '127.0.0.1', '--web-port', String(webPort), '--host', targetUrl],
    ...['--autostart', '--expect-workers', String(workerCount), '--enable-rebalancing'],
    ...['-u', String(locustUsers), '-r', String(locustUsers)],
  )
  const workerLine = locust('--worker', '--master-host', '127.0.0.1', '--master-port', String(bindPort))
  if (masterLine === undefined || workerLine === undefined) return undefined
  const options = {
    processor: processors.underTest,
    env: { REQUESTS_PER_USER: String(fleetRate / locustUsers) },
  }
  const master = new PinnedProcess(masterLine, options)
  const workers = Array.from({ length: workerCount }, () => new PinnedProcess(workerLine, options))
  return {
    workers,
    async stopLoad() {
      const response = await fetch(`http://127.0.0.1:${webPort}/stop`, { method: 'POST' })
      if (!response.ok) throw new Error(`Locust's load was not stopped: ${response.status}`)
    },
    async close() {
      await Promise.all([...workers, master].map((process) => process.stop()))
    },
  }
}
