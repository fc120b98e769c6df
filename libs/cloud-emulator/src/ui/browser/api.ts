import type {
  ChartQuery,
  LabelValues,
  MetricSummary,
  QueryResult,
  Refusals,
  Summary,
  Trace,
  TraceList,
} from './api-types.ts'
import type { Dashboard } from './dashboard/dashboard-types.ts'

/** An answer that is not 2xx, or none at all (`code` 0). */
export class ApiError extends Error {
  readonly code: number

  constructor(code: number, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ApiError'
    this.code = code
  }
}

async function errorOf(response: Response): Promise<ApiError> {
  let message = `${response.status} ${response.statusText}`
  try {
    const body: { error?: { message?: string } } = await response.json()
    if (body.error?.message) message = body.error.message
  } catch {
    // Not JSON: the status line says all there is.
  }
  return new ApiError(response.status, message)
}

async function request<T>(path: string, init: RequestInit): Promise<T> {
  let response: Response
  try {
    response = await fetch(path, { ...init, headers: { accept: 'application/json', ...init.headers } })
  } catch (cause) {
    if (init.signal?.aborted) throw cause
    throw new ApiError(0, 'cloud-emulator does not answer', { cause })
  }
  if (!response.ok) throw await errorOf(response)
  return await response.json()
}

function withParameters(path: string, parameters: Readonly<Record<string, string | number | undefined>>): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== '') search.set(name, String(value))
  }
  const text = search.toString()
  return text === '' ? path : `${path}?${text}`
}

/** What the list of traces can be narrowed by. */
export interface TraceFilter {
  readonly start?: number
  readonly end?: number
  readonly service?: string
  readonly name?: string
  readonly status?: string
  readonly minDurationMs?: number
  readonly maxDurationMs?: number
  readonly limit?: number
}

/** The emulator's HTTP endpoints for one project. Every method throws {@link ApiError}. */
export interface Api {
  summary(signal?: AbortSignal): Promise<Summary>
  metrics(signal?: AbortSignal): Promise<readonly MetricSummary[]>
  labels(type?: string, signal?: AbortSignal): Promise<LabelValues>
  query(
    startMs: number,
    endMs: number,
    queries: readonly ChartQuery[],
    signal?: AbortSignal,
  ): Promise<{ nowMs: number; results: readonly QueryResult[] }>
  dashboards(signal?: AbortSignal): Promise<readonly Dashboard[]>
  refusals(limit: number, signal?: AbortSignal): Promise<Refusals>
  traces(filter: TraceFilter, signal?: AbortSignal): Promise<TraceList>
  trace(traceId: string, signal?: AbortSignal): Promise<Trace>
}

/** Opens the endpoints for `project` (the emulator's own where it is undefined). */
export function createApi(project: string | undefined): Api {
  const get = <T>(
    path: string,
    parameters: Readonly<Record<string, string | number | undefined>>,
    signal?: AbortSignal,
  ): Promise<T> => request<T>(withParameters(path, { project, ...parameters }), signal ? { signal } : {})

  return {
    summary: (signal) => get('/api/summary', {}, signal),
    metrics: async (signal) => (await get<{ metrics: readonly MetricSummary[] }>('/api/metrics', {}, signal)).metrics,
    labels: (type, signal) => get('/api/labels', { type }, signal),
    query: (startMs, endMs, queries, signal) =>
      request('/api/query', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          ...(project === undefined ? {} : { project }),
          startTime: Math.round(startMs),
          endTime: Math.round(endMs),
          queries,
        }),
        ...(signal ? { signal } : {}),
      }),
    async dashboards(signal) {
      const dashboards: Dashboard[] = []
      let pageToken: string | undefined
      do {
        const path = withParameters(`/v1/projects/${encodeURIComponent(project ?? '-')}/dashboards`, {
          pageSize: 1000,
          pageToken,
        })
        const page = await request<{ dashboards?: Dashboard[]; nextPageToken?: string }>(path, signal ? { signal } : {})
        dashboards.push(...(page.dashboards ?? []))
        pageToken = page.nextPageToken || undefined
      } while (pageToken !== undefined)
      return dashboards
    },
    refusals: (limit, signal) => get('/api/refusals', { limit }, signal),
    traces: (filter, signal) => get('/api/traces', { ...filter }, signal),
    trace: (traceId, signal) => get(`/api/traces/${encodeURIComponent(traceId)}`, {}, signal),
  }
}
