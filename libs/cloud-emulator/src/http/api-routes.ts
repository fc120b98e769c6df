import type { FastifyInstance } from 'fastify'
import type { EmulatorState } from '../emulator.ts'
import type { MetricDescriptor } from '../monitoring/metric-descriptor.ts'
import type { MetricTypeEntry, ProjectMetrics } from '../monitoring/metric-store.ts'
import { labelValues } from '../monitoring/metric-store.ts'
import { isDistribution, type PointValue } from '../monitoring/point-columns.ts'
import type { Series } from '../monitoring/series.ts'
import { numberParameter, projectParameter, textParameter } from './api-parameters.ts'
import { registerTraceApi } from './api-trace-routes.ts'

/** The emulator's own JSON for its UI and for tests. */
export function registerApiRoutes(app: FastifyInstance, state: EmulatorState): void {
  app.get('/api/summary', async (request) => summary(state, projectParameter(request.query, state)))
  app.get('/api/metrics', async (request) => {
    const project = state.metrics.projects.get(projectParameter(request.query, state))
    return { metrics: project ? metricTypes(project, state.nowMs() * 1000) : [] }
  })
  app.get('/api/labels', async (request) => {
    const project = state.metrics.projects.get(projectParameter(request.query, state))
    const type = textParameter(request.query, 'type')
    const series = project ? [...(type === undefined ? project.seriesByKey.values() : project.seriesOf(type))] : []
    return {
      metricLabels: labelValues(series, (one) => one.metricLabels),
      resourceTypes: [...new Set(series.map((one) => one.resourceType))].sort(),
      resourceLabels: labelValues(series, (one) => one.resourceLabels),
    }
  })
  app.get('/api/refusals', async (request) => {
    const project = projectParameter(request.query, state)
    const limit = numberParameter(request.query, 'limit', { fallback: 100, min: 1, max: 1000 })
    const after = numberParameter(request.query, 'after', { fallback: 0, min: 0, max: Number.MAX_SAFE_INTEGER })
    const byReason = state.refusals.byReason(project)
    return {
      refusals: state.refusals.newest({ project, after, limit }),
      byReason,
      total: byReason.reduce((sum, { points }) => sum + points, 0),
    }
  })
  registerTraceApi(app, state)
}

function summary(state: EmulatorState, projectId: string): object {
  const project = state.metrics.projects.get(projectId)
  const traces = state.spans.projects.get(projectId)
  const { evictions } = state.metrics
  let points = 0
  for (const series of project?.seriesByKey.values() ?? []) points += series.points.length
  return {
    project: projectId,
    projects: projectsOf(state),
    nowMs: state.nowMs(),
    startedMs: state.startedMs,
    retentionSeconds: state.retentionSeconds,
    metricTypes: project?.descriptors.size ?? 0,
    series: project?.seriesByKey.size ?? 0,
    points,
    spans: traces?.spanCount ?? 0,
    traces: traces?.traces.size ?? 0,
    dashboards: state.dashboards.list(projectId).length,
    ...state.own.totals,
    pointsPerSecond: state.own.pointRate.perSecond(state.nowMs() * 1000),
    evicted: {
      points: evictions.pointsByRetention + evictions.pointsByBytes + evictions.pointsBySeries,
      series: evictions.series,
      spans: state.spans.evictedSpans,
    },
    faults: state.faults.list(),
    endpoints: state.endpoints,
  }
}

/** Every project that something was written to, or refused of, and the one of the dashboards. */
function projectsOf({ project, metrics, spans, refusals }: EmulatorState): string[] {
  const names = [project, ...metrics.projects.keys(), ...spans.projects.keys(), ...refusals.projects]
  return [...new Set(names)].sort()
}

function metricTypes(project: ProjectMetrics, nowMicros: number): object[] {
  return [...project.descriptors.values()]
    .sort((a, b) => (a.type < b.type ? -1 : 1))
    .map((descriptor) => metricType(descriptor, project.types.get(descriptor.type), nowMicros))
}

function metricType(descriptor: MetricDescriptor, entry: MetricTypeEntry | undefined, nowMicros: number): object {
  let points = 0
  let newest: Series | undefined
  const resourceTypes = new Set<string>()
  for (const series of entry?.series.values() ?? []) {
    points += series.points.length
    resourceTypes.add(series.resourceType)
    if ((series.points.lastEndMicros ?? 0) >= (newest?.points.lastEndMicros ?? 0)) newest = series
  }
  const { type, metricKind, valueType, unit, displayName, description } = descriptor
  return {
    type,
    metricKind,
    valueType,
    unit,
    displayName,
    description,
    labelKeys: descriptor.labels.map((label) => label.key),
    resourceTypes: [...resourceTypes].sort(),
    series: entry?.series.size ?? 0,
    points,
    pointsPerSecond: entry?.rate.perSecond(nowMicros) ?? 0,
    lastPointMs: newest?.points.lastEndMicros === undefined ? null : newest.points.lastEndMicros / 1000,
    lastValue: shownValue(newest?.points.lastValue),
  }
}

/** A value for JSON: numbers that JSON lacks are texts. */
function shownValue(value: PointValue | undefined): unknown {
  if (value === undefined) return null
  if (isDistribution(value)) return { count: value.count, mean: value.mean }
  if (typeof value === 'bigint') return Number(value)
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
}
