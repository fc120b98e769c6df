import { shortened } from '../../api/shortened.ts'
import type { Labels } from '../../contract/metrics.ts'
import { labelValue } from '../model/messages.ts'
import type { Comparison, Filter, Operand, Selector } from './filter.ts'
import { FilterError } from './filter-error.ts'
import { fullMatch } from './full-match.ts'

/** The object that a filter is applied to. A missing label matches only `!=`. */
export interface FilterSubject {
  readonly project: string
  readonly metricType: string
  readonly metricLabels: Labels
  readonly resourceType: string
  readonly resourceLabels: Labels
}

export type FilterPredicate = (subject: FilterSubject) => boolean

/** Compiles a filter. Throws `FilterError` for an invalid regular expression. */
export function compileFilter(filter: Filter | undefined): FilterPredicate {
  if (!filter) return () => true
  switch (filter.kind) {
    case 'not': {
      const inner = compileFilter(filter.operand)
      return (subject) => !inner(subject)
    }
    case 'and': {
      const all = filter.operands.map(compileFilter)
      return (subject) => all.every((one) => one(subject))
    }
    case 'or': {
      const any = filter.operands.map(compileFilter)
      return (subject) => any.some((one) => one(subject))
    }
    default:
      return compileComparison(filter)
  }
}

/**
 * The metric type in `metric.type = "…"` at the top level of a filter; undefined if there is none, or if metric.type
 * occurs in other comparisons.
 */
export function singleMetricType(filter: Filter | undefined): string | undefined {
  const conjuncts = filter?.kind === 'and' ? filter.operands : filter ? [filter] : []
  const types = new Set<string>()
  for (const conjunct of conjuncts) {
    if (
      conjunct.kind === 'comparison' &&
      conjunct.selector.kind === 'metric.type' &&
      conjunct.operator === '=' &&
      conjunct.operand.kind === 'value'
    ) {
      types.add(conjunct.operand.value)
    } else if (mentionsMetricType(conjunct)) return undefined
  }
  const [only] = types
  return types.size === 1 ? only : undefined
}

function mentionsMetricType(filter: Filter): boolean {
  if (filter.kind === 'comparison') return filter.selector.kind === 'metric.type'
  return filter.kind === 'not' ? mentionsMetricType(filter.operand) : filter.operands.some(mentionsMetricType)
}

function compileComparison(comparison: Comparison): FilterPredicate {
  const { selector, operator, operand } = comparison
  const read = reader(selector)
  const negated = operator === '!='
  const test = operator === '=' || operator === '!=' ? equality(operand) : ordering(comparison)
  return (subject) => {
    const value = read(subject)
    const matches = value !== undefined && test(value)
    return negated ? !matches : matches
  }
}

function reader(selector: Selector): (subject: FilterSubject) => string | undefined {
  switch (selector.kind) {
    case 'project':
      return (subject) => subject.project
    case 'metric.type':
      return (subject) => subject.metricType
    case 'resource.type':
      return (subject) => subject.resourceType
    case 'metric.labels':
      return (subject) => labelValue(subject.metricLabels, selector.key)
    case 'resource.labels':
      return (subject) => labelValue(subject.resourceLabels, selector.key)
    default:
      return () => undefined
  }
}

function equality(operand: Operand): (value: string) => boolean {
  if (operand.kind === 'value') return operand.value === '*' ? () => true : (value) => value === operand.value
  const [first = ''] = operand.arguments
  switch (operand.name) {
    case 'starts_with':
      return (value) => value.startsWith(first)
    case 'ends_with':
      return (value) => value.endsWith(first)
    case 'has_substring':
      return (value) => value.includes(first)
    case 'one_of': {
      const values = new Set(operand.arguments)
      return (value) => values.has(value)
    }
    default: {
      return fullMatch(first, operand.position)
    }
  }
}

function ordering(comparison: Comparison): (value: string) => boolean {
  const { operator, operand } = comparison
  if (operand.kind !== 'value') throw new FilterError(`A function can't follow ${operator}`, operand.position)
  const wanted = operand.value
  if (operator === ':') return wanted === '*' ? () => true : (value) => value.includes(wanted)
  const number = Number(wanted)
  if (wanted.trim() === '' || Number.isNaN(number))
    throw new FilterError(`${operator} needs a number, but found "${shortened(wanted)}"`, operand.position)
  return (value) => {
    const other = value.trim() === '' ? Number.NaN : Number(value)
    if (operator === '<') return other < number
    if (operator === '>') return other > number
    return operator === '<=' ? other <= number : other >= number
  }
}
