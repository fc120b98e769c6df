import type { Summary } from './contract/summary.ts'
import type { EmulatorState } from './emulator-state.ts'

/** Summarizes one project, and the emulator as a whole. */
export function summarize(state: EmulatorState, projectId: string): Summary {
  const project = state.metrics.projects.get(projectId)
  const traces = state.spans.projects.get(projectId)
  const { evictions } = state.metrics
  let points = 0
  let firstPointMicros = Number.POSITIVE_INFINITY
  for (const series of project?.seriesByKey.values() ?? []) {
    points += series.points.length
    firstPointMicros = Math.min(firstPointMicros, series.points.firstEndMicros ?? firstPointMicros)
  }
  return {
    project: projectId,
    projects: projectsOf(state),
    nowMs: state.nowMs(),
    startedMs: state.startedMs,
    retentionSeconds: state.retentionSeconds,
    metricTypes: project?.descriptors.size ?? 0,
    series: project?.seriesByKey.size ?? 0,
    points,
    firstPointMs: Number.isFinite(firstPointMicros) ? firstPointMicros / 1000 : null,
    spans: traces?.spanCount ?? 0,
    traces: traces?.traces.size ?? 0,
    logEntries: state.logs.projects.get(projectId)?.entryCount ?? 0,
    dashboards: state.dashboards.list(projectId).length,
    openIncidents: state.alerting.incidents.openCount(projectId),
    ...state.ownMetrics.totals,
    pointsPerSecond: state.ownMetrics.pointRate.perSecond(state.nowMs() * 1000),
    evicted: {
      points: evictions.pointsByRetention + evictions.pointsByBytes + evictions.pointsBySeries,
      series: evictions.series,
      spans: state.spans.evictedSpans,
      entries: state.logs.evictedEntries,
    },
    faults: state.faults.list(),
    endpoints: state.endpoints,
  }
}

function projectsOf({ project, metrics, spans, logs, refusals, dashboards }: EmulatorState): string[] {
  const names = [
    project,
    ...metrics.projects.keys(),
    ...spans.projects.keys(),
    ...logs.projects.keys(),
    ...dashboards.projects,
    ...refusals.projects,
  ]
  return [...new Set(names)].sort()
}
