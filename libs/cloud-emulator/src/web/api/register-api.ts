import type { FastifyInstance } from 'fastify'
import type { Answers, InUrl, Parameters } from '../../contract/endpoints.ts'
import type { EmulatorState } from '../../emulator-state.ts'
import { summarize } from '../../emulator-summary.ts'
import { labelValuesOf, metricSummaries } from '../../monitoring/read/metric-summaries.ts'
import { findTraces, traceDetails } from '../../trace/find-traces.ts'
import { serviceMap } from '../../trace/service-map.ts'
import { registerAlertingRoutes } from './alerting-routes.ts'
import { alertingView } from './alerting-view.ts'
import { registerEventRoute } from './event-route.ts'
import { EventStreams } from './event-streams.ts'
import { listLogs, registerLogTail } from './log-routes.ts'
import { numberParameter, projectParameter, stringParameter, timeParameter } from './parameters.ts'
import { promqlWords } from './promql-words.ts'
import { registerQueryRoute } from './query-route.ts'
import { readTraceFilter } from './trace-filter.ts'

/** Registers the emulator's own endpoints, for its UI and for tests. */
export function registerApi(app: FastifyInstance, state: EmulatorState): void {
  type Path = keyof Parameters & keyof Answers
  const get = <P extends Path>(
    path: P,
    answer: (project: string, query: InUrl<Parameters[P]>, params: Readonly<Record<string, string>>) => Answers[P],
  ): void => {
    app.get<{ Params: Record<string, string> }>(path, async (request) => {
      // Fastify parses every parameter as a string, or as an array of strings if it is repeated.
      const query = request.query as InUrl<Parameters[P]>
      return answer(projectParameter(query, state), query, request.params)
    })
  }
  get('/api/summary', (project) => summarize(state, project))
  get('/api/metrics', (project) => ({
    metrics: metricSummaries(state.metrics.projects.get(project), state.nowMs() * 1000),
  }))
  get('/api/labels', (project, query) =>
    labelValuesOf(state.metrics.projects.get(project), stringParameter(query, 'type')),
  )
  get('/api/refusals', (project, query) =>
    state.refusals.list({
      project,
      limit: numberParameter(query, 'limit', { fallback: 100, min: 1, max: 1000 }),
      after: numberParameter(query, 'after', { fallback: 0, min: 0, max: Number.MAX_SAFE_INTEGER }),
    }),
  )
  get('/api/traces', (project, query) =>
    findTraces(state.spans.projects.get(project), readTraceFilter(query), state.nowMs()),
  )
  get('/api/traces/:traceId', (project, _query, { traceId = '' }) =>
    traceDetails(state.spans.projects.get(project), traceId),
  )
  get('/api/service-map', (project, query) =>
    serviceMap(state.spans.projects.get(project), {
      startMs: timeParameter(query, 'start') ?? Number.NEGATIVE_INFINITY,
      endMs: timeParameter(query, 'end') ?? Number.POSITIVE_INFINITY,
    }),
  )
  get('/api/alerting', (project) => alertingView(state.alerting, project))
  registerAlertingRoutes(app, state)
  get('/api/promql/words', () => promqlWords())
  get('/api/logs', (project, query) => listLogs(state, project, query))
  const streams = new EventStreams(app)
  registerLogTail(app, state, streams)
  registerQueryRoute(app, state)
  registerEventRoute(app, state, streams)
}
