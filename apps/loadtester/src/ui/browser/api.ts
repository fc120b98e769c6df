import type { Answers, ChangeRequest, Problem, StartRequest } from '../../contract/api.ts'

/** The master refused a request. */
export class ApiError extends Error {
  readonly code: string
  /** The field at fault. */
  readonly field: string | undefined

  constructor({ error, message, field }: Problem) {
    super(message)
    this.code = error
    this.field = field
  }
}

const TIMEOUT_MS = 25_000

export const api = {
  state: (sinceMs: number) => ask('GET /api/state', { query: `?since=${sinceMs}` }),
  start: (body: StartRequest) => ask('POST /api/run', { body }),
  change: (body: ChangeRequest) => ask('PATCH /api/run', { body }),
  pause: () => ask('POST /api/run/pause'),
  resume: () => ask('POST /api/run/resume'),
  stop: () => ask('POST /api/run/stop'),
  reset: () => ask('POST /api/run/reset'),
  runs: () => ask('GET /api/runs'),
  run: (id: string) => ask('GET /api/runs/:id', { parameter: id }),
  removeRun: (id: string) => ask('DELETE /api/runs/:id', { parameter: id }),
  script: (name: string) => ask('GET /api/scripts/:name', { parameter: name }),
  choices: (name: string) => ask('GET /api/scripts/:name/choices', { parameter: name }),
  log: () => ask('GET /api/log'),
} as const

/** @throws ApiError */
async function ask<Route extends keyof Answers>(
  route: Route,
  {
    parameter = '',
    query = '',
    body,
  }: { readonly parameter?: string; readonly query?: string; readonly body?: unknown } = {},
): Promise<Answers[Route]> {
  const [method = 'GET', path = '/'] = route.replace(/:\w+/, encodeURIComponent(parameter)).split(' ')
  const response = await fetch(path + query, {
    method,
    signal: AbortSignal.timeout(TIMEOUT_MS),
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  })
  if (response.status === 401) location.assign('/login')
  if (response.status === 204) return undefined as Answers[Route]
  const isJson = (response.headers.get('content-type') ?? '').includes('json')
  const answer: unknown = isJson ? await response.json() : await response.text()
  if (response.ok) return answer as Answers[Route]
  const unknown = {
    error: String(response.status),
    message: `The load tester responded with status ${response.status}.`,
  }
  throw new ApiError(isJson ? { ...unknown, ...(answer as Problem) } : unknown)
}

/** What to show a user of an error. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
