import type { AlertingView, AlertPolicy } from '../../../contract/alerting.ts'
import type { ChartQuery, ChartRequest, ChartResponse } from '../../../contract/charts.ts'
import type { Dashboard } from '../../../contract/dashboard.ts'
import type { Answers, Parameters } from '../../../contract/endpoints.ts'
import type { LogList, LogListParameters } from '../../../contract/logs.ts'
import type { LabelValues, MetricSummary } from '../../../contract/metrics.ts'
import type { RefusalList } from '../../../contract/refusals.ts'
import type { ErrorBody } from '../../../contract/status.ts'
import type { Summary } from '../../../contract/summary.ts'
import type { ServiceMap, Trace, TraceList, TraceListParameters } from '../../../contract/traces.ts'

/** A response that takes longer is considered lost; the next refresh retries. */
const TIMEOUT_MS = 25_000

/** A response other than 2xx, or no response at all (`code` 0). */
export class ApiError extends Error {
  readonly code: number

  constructor(code: number, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ApiError'
    this.code = code
  }
}

/** The emulator's HTTP endpoints for one project. Every method throws {@link ApiError}. */
export interface Api {
  summary(signal?: AbortSignal): Promise<Summary>
  metrics(signal?: AbortSignal): Promise<readonly MetricSummary[]>
  labels(type?: string, signal?: AbortSignal): Promise<LabelValues>
  query(startMs: number, endMs: number, queries: readonly ChartQuery[], signal?: AbortSignal): Promise<ChartResponse>
  dashboards(signal?: AbortSignal): Promise<readonly Dashboard[]>
  refusals(limit: number, signal?: AbortSignal): Promise<RefusalList>
  traces(parameters: TraceListParameters, signal?: AbortSignal): Promise<TraceList>
  serviceMap(parameters: Pick<TraceListParameters, 'start' | 'end'>, signal?: AbortSignal): Promise<ServiceMap>
  trace(traceId: string, signal?: AbortSignal): Promise<Trace>
  alerting(signal?: AbortSignal): Promise<AlertingView>
  /** The JSON of an alert policy. */
  alertPolicy(name: string, signal?: AbortSignal): Promise<AlertPolicy>
  /** Sends a test notification to a channel. */
  testChannel(name: string): Promise<void>
  logs(parameters: LogListParameters, signal?: AbortSignal): Promise<LogList>
}

type UrlParameters = Readonly<Record<string, string | number | undefined>>

/** The endpoints for `project`, or for the emulator's own if it is undefined. */
export function createApi(project: string | undefined): Api {
  const get = async <Path extends keyof Answers & keyof Parameters>(
    path: Path,
    parameters: Parameters[Path],
    signal: AbortSignal | undefined,
    inPath: Readonly<Record<string, string>> = {},
  ): Promise<Answers[Path]> => {
    const filled = path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(inPath[name] ?? ''))
    return request<Answers[Path]>(withParameters(filled, { project, ...parameters }), { signal })
  }

  return {
    summary: (signal) => get('/api/summary', {}, signal),
    metrics: async (signal) => (await get('/api/metrics', {}, signal)).metrics,
    labels: (type, signal) => get('/api/labels', type === undefined ? {} : { type }, signal),
    query(startMs, endMs, queries, signal) {
      const body: ChartRequest = {
        ...(project === undefined ? {} : { project }),
        startTime: Math.round(startMs),
        endTime: Math.round(endMs),
        queries,
      }
      return request<Answers['/api/query']>('/api/query', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal,
      })
    },
    async dashboards(signal) {
      const path = `/v1/projects/${encodeURIComponent(project ?? '-')}/dashboards`
      const dashboards: Dashboard[] = []
      let pageToken: string | undefined
      do {
        const page: { dashboards?: Dashboard[]; nextPageToken?: string } = await request(
          withParameters(path, { pageSize: 1000, pageToken }),
          { signal },
        )
        dashboards.push(...(page.dashboards ?? []))
        pageToken = page.nextPageToken
      } while (pageToken)
      return dashboards
    },
    refusals: (limit, signal) => get('/api/refusals', { limit }, signal),
    traces: (parameters, signal) => get('/api/traces', parameters, signal),
    serviceMap: (parameters, signal) => get('/api/service-map', parameters, signal),
    logs: (parameters, signal) => get('/api/logs', parameters, signal),
    trace: (traceId, signal) => get('/api/traces/:traceId', {}, signal, { traceId }),
    alerting: (signal) => get('/api/alerting', {}, signal),
    alertPolicy: (name, signal) => request(`/v3/${name.split('/').map(encodeURIComponent).join('/')}`, { signal }),
    async testChannel(name) {
      await request('/api/alerting/test-channel', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name }),
        signal: undefined,
      })
    },
  }
}

async function request<T>(
  path: string,
  init: Omit<RequestInit, 'signal'> & { signal: AbortSignal | undefined },
): Promise<T> {
  const { signal: given, headers, ...rest } = init
  const signal = AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), ...(given ? [given] : [])])
  let response: Response
  try {
    response = await fetch(path, { ...rest, signal, headers: { accept: 'application/json', ...headers } })
  } catch (cause) {
    if (given?.aborted) throw cause
    throw new ApiError(0, 'cloud-emulator does not respond', { cause })
  }
  if (!response.ok) throw await errorOf(response)
  const answer: T = await response.json()
  return answer
}

async function errorOf(response: Response): Promise<ApiError> {
  let message = `${response.status} ${response.statusText}`
  try {
    const body: Partial<ErrorBody> = await response.json()
    if (body.error?.message) message = body.error.message
  } catch {
    // Not JSON: there is only the status line.
  }
  return new ApiError(response.status, message)
}

function withParameters(path: string, parameters: UrlParameters): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== '') search.set(name, String(value))
  }
  const text = search.toString()
  return text === '' ? path : `${path}?${text}`
}
