import type { Installation } from './installation.ts'
import { withPortForward } from './port-forward.ts'
import { sleep, until } from './wait.ts'

/** A run, as far as it is read here. */
export interface Run {
  readonly id: string
  readonly state: string
  readonly startedMs: number
  readonly requests: number
  readonly failures: number
  readonly arrivals: number
  readonly unaccounted: number
  readonly unfinished: number
  readonly total: { readonly currentRate: number }
}

interface StateView {
  readonly run?: Run
  readonly workers: readonly { readonly state: string }[]
}

/** The requests of the current run, or of the last one. */
export interface LoadCounts {
  readonly requests: number
  readonly failures: number
  /** Requests per second, by now. */
  readonly rate: number
}

interface LocustStats {
  readonly stats: readonly { readonly name: string; readonly num_requests: number; readonly num_failures: number }[]
  readonly total_rps: number
  readonly state: string
}

/** Calls the load tester's REST API with its token. */
export async function callLoadTester<T>(installation: Installation, path: string, init: RequestInit = {}): Promise<T> {
  const { kubectl } = installation
  const secret = await kubectl.json<{ data: { token: string } }>('get', 'secret', 'loadtester-token')
  const token = Buffer.from(secret.data.token, 'base64').toString('utf8')
  return withPortForward(kubectl, 'service/loadtester-master', 8089, async (url) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const response = await fetch(`${url}${path}`, { ...init, headers, signal: AbortSignal.timeout(60_000) })
    const body = await response.text()
    if (!response.ok) throw new Error(`load tester ${path}: ${response.status} ${body.slice(0, 300)}`)
    return JSON.parse(body)
  })
}

/** Reads the current run, or the last one. */
export async function readRun(installation: Installation): Promise<Run> {
  const { run } = await callLoadTester<StateView>(installation, '/api/state')
  if (run === undefined) throw new Error('no run')
  return run
}

/** Starts a run of the default script at a rate, and returns it. */
export async function startRun(installation: Installation, rate: number): Promise<void> {
  await callLoadTester(installation, '/api/run', { method: 'POST', body: JSON.stringify({ rate }) })
}

/** Changes the rate of the current run. */
export async function changeRate(installation: Installation, rate: number): Promise<void> {
  await callLoadTester(installation, '/api/run', { method: 'PATCH', body: JSON.stringify({ rate }) })
}

/** Stops the run, and returns its counts once it is over. */
export async function stopRun(installation: Installation): Promise<Run> {
  await callLoadTester(installation, '/api/run/stop', { method: 'POST', body: '{}' })
  return until('the end of the run', 60_000, async () => {
    const run = await readRun(installation)
    return run.state === 'finished' || run.state === 'failed' ? run : undefined
  })
}

/** Reads the counts of the load. */
export async function readLoad(installation: Installation): Promise<LoadCounts> {
  const { stats, total_rps } = await callLoadTester<LocustStats>(installation, '/stats/requests')
  const total = stats.at(-1)
  return { requests: total?.num_requests ?? 0, failures: total?.num_failures ?? 0, rate: total_rps }
}

/** How long a run may be without its master, and the new one without the run's counts. */
const TAKEOVER_MS = 60_000

/**
 * The requests, and those of them that failed, while `disturb` ran and `settleMs` after. A master that was restarted
 * has no counts until its workers are back.
 */
export async function loadDuring(
  installation: Installation,
  disturb: () => Promise<unknown>,
  settleMs = 3000,
): Promise<LoadCounts> {
  const before = await readLoad(installation)
  await disturb()
  await sleep(settleMs)
  const after = await until('the counts of the run go on', TAKEOVER_MS, async () => {
    const counts = await readLoad(installation)
    return counts.requests > before.requests ? counts : undefined
  })
  return { requests: after.requests - before.requests, failures: after.failures - before.failures, rate: after.rate }
}
