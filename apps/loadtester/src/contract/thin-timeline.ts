import type { TimelinePoint } from './run-report.ts'

/**
 * Reduces a timeline to at most `maximum` points. Each point then stands for several seconds: the mean of what was
 * counted and the maximum of what was measured, so that no peak is lost.
 */
export function thinTimeline(points: readonly TimelinePoint[], maximum: number): readonly TimelinePoint[] {
  const size = Math.ceil(points.length / maximum)
  if (size <= 1) return points
  const thinned: TimelinePoint[] = []
  for (let start = 0; start < points.length; start += size) {
    const last = points[Math.min(start + size, points.length) - 1]
    if (last !== undefined) thinned.push(merge(points.slice(start, start + size), last))
  }
  return thinned
}

function merge(group: readonly TimelinePoint[], last: TimelinePoint): TimelinePoint {
  const mean = (field: 'requests' | 'failures' | 'arrivals' | 'target' | 'mean'): number =>
    group.reduce((sum, point) => sum + point[field], 0) / group.length
  const maximum = (field: 'users' | 'p50' | 'p95' | 'p99' | 'lagP99' | 'utilization'): number =>
    group.reduce((most, point) => Math.max(most, point[field]), 0)
  return {
    // The time of the newest point, so that later points are the ones after it.
    atMs: last.atMs,
    requests: mean('requests'),
    failures: mean('failures'),
    arrivals: mean('arrivals'),
    users: maximum('users'),
    target: mean('target'),
    p50: maximum('p50'),
    p95: maximum('p95'),
    p99: maximum('p99'),
    mean: mean('mean'),
    lagP99: maximum('lagP99'),
    utilization: maximum('utilization'),
    generatorBound: group.some((point) => point.generatorBound),
  }
}
