import type { Bound, BoundResult, Formula } from '../contract/run-report.ts'
import { evaluate } from '../script/bounds/formula.ts'

type MetricReader = (metric: Pick<Bound, 'metric' | 'endpoint'>) => number | undefined

/** Checks bounds against metrics by Artillery's names. A bound on a metric that was not measured is missed. */
export function checkBounds(bounds: readonly Bound[], metricOf: MetricReader): BoundResult[] {
  return bounds.map((bound) => {
    const value = bound.formula === undefined ? metricOf(bound) : formulaValue(bound.formula, metricOf)
    return { ...bound, value, ok: value !== undefined && holds(value, bound.comparison, bound.limit) }
  })
}

/** Undefined while one of its metrics has not been measured. */
function formulaValue(formula: Formula, metricOf: MetricReader): number | undefined {
  const values = formula.inputs.map(metricOf).filter((value) => value !== undefined)
  return values.length < formula.inputs.length ? undefined : evaluate(formula, values)
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
