import {
  type Call,
  childrenOf,
  type Expression,
  METRIC_NAME,
  printExpression,
  type VectorSelector,
} from '@node-to-cloud/promql'
import { isManaged } from '../../monitoring/model/managed-metric.ts'
import type { PromqlSource } from '../promql-source.ts'
import { MONITORED_RESOURCE } from '../series-labels.ts'
import { newerThanCloud } from './cloud-language.ts'

/** A documented difference of Cloud Monitoring from Prometheus. */
export interface CloudDifference {
  readonly text: string
  /** Whether Cloud Monitoring rejects the query. */
  readonly refused: boolean
  /** The position in the query. */
  readonly start: number
}

const COUNTER_FUNCTIONS: ReadonlySet<string> = new Set(['rate', 'irate', 'increase', 'resets'])
const WIDENED: ReadonlySet<string> = new Set(['rate', 'irate', 'increase'])

/**
 * How Cloud Monitoring's evaluation of a query differs, as far as it can be determined from the query and the types of
 * its metrics.
 */
export function cloudDifferences(
  expression: Expression,
  { source, stepMs }: { readonly source: PromqlSource; readonly stepMs?: number },
): CloudDifference[] {
  const found: CloudDifference[] = []
  const visit = (one: Expression): void => {
    found.push(...newerThanCloud(one).map((difference) => ({ ...difference, refused: true })))
    if (one.kind === 'vectorSelector') found.push(...selectorDifferences(one, source))
    if (one.kind === 'call') found.push(...callDifferences(one, source, stepMs))
    for (const child of childrenOf(one)) visit(child)
  }
  visit(expression)
  return found
}

/** Whether a selector names a metric exactly. */
export function hasExactName(selector: VectorSelector): boolean {
  return exactName(selector) !== undefined
}

function exactName({ matchers }: VectorSelector): string | undefined {
  return matchers.find(({ name, operator }) => name === METRIC_NAME && operator === '=')?.value
}

function selectorDifferences(selector: VectorSelector, source: PromqlSource): CloudDifference[] {
  const { start } = selector.range
  const name = exactName(selector)
  if (name === undefined) {
    const shown = printExpression(selector)
    return [
      { text: `only exact matching on metric names is supported; ${shown} has no metric name`, refused: true, start },
    ]
  }
  if (selector.matchers.some((matcher) => matcher.name === MONITORED_RESOURCE)) return []
  return source
    .typesNamed(name)
    .filter(({ metricType, resources }) => !isManaged(metricType) && resources.length > 1)
    .map(({ metricType, resources }) => {
      const has = `${metricType} is written for ${[...resources].sort().join(' and ')}`
      return { text: `a selector must have a matcher on ${MONITORED_RESOURCE}, since ${has}`, refused: true, start }
    })
}

function callDifferences(call: Call, source: PromqlSource, stepMs: number | undefined) {
  const { name } = call.function
  const { start } = call.range
  const found: CloudDifference[] = []
  const [first, second] = call.arguments
  const widthMs = first?.kind === 'matrixSelector' ? first.duration : undefined
  if (WIDENED.has(name) && stepMs !== undefined && widthMs !== undefined && widthMs < stepMs) {
    const text = `the window of ${name} is never shorter than the step: ${stepMs / 1000}s would be used instead of ${widthMs / 1000}s`
    found.push({ text, refused: false, start })
  }
  if (COUNTER_FUNCTIONS.has(name) && first?.kind === 'matrixSelector') {
    const types = source.typesNamed(exactName(first.selector) ?? '')
    if (types.length > 0 && types.every(({ kind }) => kind === 'GAUGE')) {
      found.push({ text: `${name}() is for counters, and ${types[0]?.metricType} is a gauge`, refused: true, start })
    }
  }
  if (name === 'histogram_quantile' && second !== undefined) {
    for (const selector of selectorsIn(second)) {
      const types = source.typesNamed(exactName(selector) ?? '')
      if (types.length === 0 || types.some(({ valueType }) => valueType === 'DISTRIBUTION')) continue
      const text = `${name}() is for distributions, and ${types[0]?.metricType} is not one`
      found.push({ text, refused: true, start })
    }
  }
  return found
}

/** The selectors in an expression. */
export function selectorsIn(expression: Expression): VectorSelector[] {
  if (expression.kind === 'vectorSelector') return [expression]
  return childrenOf(expression).flatMap(selectorsIn)
}
