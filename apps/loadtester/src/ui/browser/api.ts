import type { StateView } from '../../contract/api.ts'
import type { RunListing, RunReport } from '../../contract/run-report.ts'

/** What the master answered instead of what was asked for. */
export class ApiError extends Error {
  readonly code: string
  /** The field at fault. */
  readonly field: string | undefined

  constructor(code: string, message: string, field: string | undefined) {
    super(message)
    this.code = code
    this.field = field
  }
}

/** What the start form asks for. */
export interface StartBody {
  readonly script?: string
  readonly target?: string
  readonly environment?: string
  readonly rate?: number
  readonly users?: number
  readonly spawnRate?: number
  readonly durationSeconds?: number
}

export const api = {
  state: (sinceMs: number): Promise<StateView> => ask('GET', `/api/state?since=${sinceMs}`),
  start: (body: StartBody): Promise<unknown> => ask('POST', '/api/run', body),
  change: (body: { readonly rate: number } | { readonly users: number }): Promise<unknown> =>
    ask('PATCH', '/api/run', body),
  pause: (): Promise<unknown> => ask('POST', '/api/run/pause'),
  resume: (): Promise<unknown> => ask('POST', '/api/run/resume'),
  stop: (): Promise<unknown> => ask('POST', '/api/run/stop'),
  reset: (): Promise<unknown> => ask('POST', '/api/run/reset'),
  runs: (): Promise<RunListing[]> => ask('GET', '/api/runs'),
  run: (id: string): Promise<RunReport> => ask('GET', `/api/runs/${encodeURIComponent(id)}`),
  removeRun: (id: string): Promise<unknown> => ask('DELETE', `/api/runs/${encodeURIComponent(id)}`),
  script: (name: string): Promise<string> => ask('GET', `/api/scripts/${encodeURIComponent(name)}`),
  log: (): Promise<{ readonly atMs: number; readonly text: string }[]> => ask('GET', '/api/log'),
} as const

async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(path, {
    method,
    signal: AbortSignal.timeout(25_000),
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  })
  if (response.status === 401) location.assign('/login')
  if (response.status === 204) return undefined as T
  const isJson = (response.headers.get('content-type') ?? '').includes('json')
  const answer: unknown = isJson ? await response.json() : await response.text()
  if (response.ok) return answer as T
  const { error, message, field } = isJson ? (answer as { error?: string; message?: string; field?: string }) : {}
  throw new ApiError(error ?? String(response.status), message ?? `The load tester answered ${response.status}.`, field)
}
