import type { TimelinePoint } from './api-types.ts'

/**
 * A timeline of at most so many points: where there are more, as many seconds as it takes become one point, with the
 * mean of what was counted and the highest of what was measured, so that no peak gets lost.
 */
export function thinTimeline(points: readonly TimelinePoint[], maximum: number): readonly TimelinePoint[] {
  const size = Math.ceil(points.length / maximum)
  if (size <= 1) return points
  const thinned: TimelinePoint[] = []
  for (let start = 0; start < points.length; start += size) {
    const first = points[start]
    if (first !== undefined) thinned.push(merge(first, points.slice(start, start + size)))
  }
  return thinned
}

function merge(first: TimelinePoint, group: readonly TimelinePoint[]): TimelinePoint {
  const mean = (read: (point: TimelinePoint) => number): number =>
    group.reduce((sum, point) => sum + read(point), 0) / group.length
  const highest = (read: (point: TimelinePoint) => number): number =>
    group.reduce((most, point) => Math.max(most, read(point)), 0)
  return {
    // By its end, so that what is newer than it is new.
    atMs: group.at(-1)?.atMs ?? first.atMs,
    requests: mean((point) => point.requests),
    failures: mean((point) => point.failures),
    arrivals: mean((point) => point.arrivals),
    users: highest((point) => point.users),
    target: mean((point) => point.target),
    p50: highest((point) => point.p50),
    p95: highest((point) => point.p95),
    p99: highest((point) => point.p99),
    mean: mean((point) => point.mean),
    lagP99: highest((point) => point.lagP99),
    utilization: highest((point) => point.utilization),
    generatorBound: group.some((point) => point.generatorBound),
  }
}
