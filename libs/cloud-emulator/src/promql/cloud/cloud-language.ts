import type { Expression, TimeShift } from '@node-to-cloud/promql'

/** Functions that were added to Prometheus after 2.44, whose language Cloud Monitoring supports. */
const NEWER_FUNCTIONS: ReadonlySet<string> = new Set([
  'double_exponential_smoothing',
  'end',
  'first_over_time',
  'histogram_avg',
  'histogram_quantiles',
  'histogram_stddev',
  'histogram_stdvar',
  'info',
  'integral',
  'mad_over_time',
  'max_of',
  'min_of',
  'range',
  'sort_by_label',
  'sort_by_label_desc',
  'start',
  'start_timestamp',
  'step',
  'ts_of_first_over_time',
  'ts_of_last_over_time',
  'ts_of_max_over_time',
  'ts_of_min_over_time',
])

interface Newer {
  readonly text: string
  readonly start: number
}

/** The feature of an expression, without its subexpressions, that is newer than Cloud Monitoring's language. */
export function newerThanCloud(expression: Expression): Newer[] {
  return newerParts(expression).map(({ what, start }) => ({
    text: `the language is that of Prometheus 2.44, which has no ${what}`,
    start,
  }))
}

function newerParts(expression: Expression): { what: string; start: number }[] {
  switch (expression.kind) {
    case 'call': {
      const { name } = expression.function
      return NEWER_FUNCTIONS.has(name) ? [{ what: `${name}()`, start: expression.range.start }] : []
    }
    case 'aggregation': {
      const { operator, range } = expression
      const isNewer = operator === 'limitk' || operator === 'limit_ratio'
      return isNewer ? [{ what: `${operator}()`, start: range.start }] : []
    }
    case 'binary': {
      const { operator, matching } = expression
      const { fillLeft, fillRight } = matching
      const start = 0
      const found = operator === '</' || operator === '>/' ? [{ what: `operator ${operator}`, start }] : []
      if (fillLeft !== undefined || fillRight !== undefined) found.push({ what: 'modifier fill', start })
      return found
    }
    case 'vectorSelector': {
      const { extension, range } = expression
      const found = extension === undefined ? [] : [{ what: `modifier ${extension}`, start: range.start }]
      return [...found, ...offsetArithmetic(expression, range.start)]
    }
    case 'matrixSelector': {
      const { durationExpression, selector } = expression
      return durationExpression === undefined ? [] : [arithmetic(selector.range.start)]
    }
    case 'subquery': {
      const { durationExpression, stepExpression } = expression
      const isNewer = durationExpression !== undefined || stepExpression !== undefined
      return [...(isNewer ? [arithmetic(0)] : []), ...offsetArithmetic(expression, 0)]
    }
    default:
      return []
  }
}

function offsetArithmetic({ offsetExpression }: TimeShift, start: number) {
  return offsetExpression === undefined ? [] : [arithmetic(start)]
}

function arithmetic(start: number) {
  return { what: 'duration expressions', start }
}
