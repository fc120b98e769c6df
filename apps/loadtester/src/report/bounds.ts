import type { Bound, BoundResult } from '../contract/run-report.ts'

/** Checks bounds against metrics by Artillery's names. A bound on a metric that was not measured is missed. */
export function checkBounds(
  bounds: readonly Bound[],
  metricOf: (metric: Pick<Bound, 'metric' | 'endpoint'>) => number | undefined,
): BoundResult[] {
  return bounds.map((bound) => {
    const value = metricOf(bound)
    return { ...bound, value, ok: value !== undefined && holds(value, bound.comparison, bound.limit) }
  })
}

function holds(value: number, comparison: Bound['comparison'], limit: number): boolean {
  switch (comparison) {
    case '<':
      return value < limit
    case '<=':
      return value <= limit
    case '>':
      return value > limit
    case '>=':
      return value >= limit
    case '==':
      return value === limit
    case '!=':
      return value !== limit
  }
}
