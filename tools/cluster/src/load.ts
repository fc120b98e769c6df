import type { Installation } from './installation.ts'
import { withPortForward } from './port-forward.ts'

/** The requests of the run that is on, or of the last one. */
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

/** Calls the load tester's REST interface with its token. */
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

/** Reads the counts of the load. */
export async function readLoad(installation: Installation): Promise<LoadCounts> {
  const { stats, total_rps } = await callLoadTester<LocustStats>(installation, '/stats/requests')
  const total = stats.at(-1)
  return { requests: total?.num_requests ?? 0, failures: total?.num_failures ?? 0, rate: total_rps }
}

/** The requests, and those of them that failed, while `disturb` ran and `settleMs` after. */
export async function loadDuring(
  installation: Installation,
  disturb: () => Promise<unknown>,
  settleMs = 3000,
): Promise<LoadCounts> {
  const before = await readLoad(installation)
  await disturb()
  await new Promise((resolve) => setTimeout(resolve, settleMs))
  const after = await readLoad(installation)
  return { requests: after.requests - before.requests, failures: after.failures - before.failures, rate: after.rate }
}
