import type { ScriptDocument } from '../../artillery/script-document.ts'
import type { Bound } from '../../contract/run-report.ts'
import { asRecord } from '../plain-object.ts'
import { ScriptError } from '../script-error.ts'
import { readFormula } from './formula.ts'
import { MetricNames, type NamedMetric } from './metric-names.ts'

/** Short forms at the top level of `ensure`, and the metrics they stand for. */
const SHORT_FORMS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['min', 'max', 'median', 'mean', 'p50', 'p90', 'p95', 'p99', 'p999'].map((name) => [
      name,
      `http.response_time.${name}`,
    ]),
  ),
  maxErrorRate: 'vusers.error_rate',
}

/** What makes a condition more than a comparison, where names are left out. */
const FORMULA = /[()+*/%^?]|\s-\s|\b(?:or|not|in|of|mod|if|then|else)\b/

/** As in Artillery, a failed expectation of the plugin `expect` fails the run. */
const NO_FAILED_EXPECTATION: Bound = {
  text: 'expect: none fails',
  metric: 'plugins.expect.failed',
  comparison: '==',
  limit: 0,
  strict: true,
}

/** A metric's name may have any characters: by endpoint, it contains a URL. */
const CONDITION = /^\s*(.+?)\s*(<=|>=|==|!=|<|>)\s*(-?\d+(?:\.\d+)?)\s*$/

/**
 * Reads the bounds of a script, in the syntax of Artillery's ensure plugin: `thresholds`, `conditions` and the short
 * forms `p95`, `maxErrorRate`, …
 *
 * @throws ScriptError naming the field.
 */
export function readBounds(document: Pick<ScriptDocument, 'config' | 'scenarios'>): Bound[] {
  const { ensure, plugins } = document.config
  const names = new MetricNames(document)
  const bounds = [
    ...boundsOf(ensure, 'config.ensure', names),
    ...boundsOf(plugins?.ensure, 'config.plugins.ensure', names),
  ]
  return plugins?.expect === undefined ? bounds : [...bounds, NO_FAILED_EXPECTATION]
}

function boundsOf(ensure: unknown, field: string, names: MetricNames): Bound[] {
  if (ensure === undefined || ensure === null || ensure === true) return []
  return Object.entries(mapping(ensure, field)).flatMap(([key, value]) => {
    const keyField = `${field}.${key}`
    if (key === 'thresholds') return thresholds(value, keyField, names)
    if (key === 'conditions') return conditions(value, keyField, names)
    const metric = Object.hasOwn(SHORT_FORMS, key) ? SHORT_FORMS[key] : undefined
    if (metric !== undefined) return [threshold(key, value, { metric }, keyField)]
    const allowed = ['thresholds', 'conditions', ...Object.keys(SHORT_FORMS)].join(', ')
    throw ScriptError.at(keyField, `is unknown; allowed: ${allowed}`)
  })
}

function thresholds(value: unknown, field: string, names: MetricNames): Bound[] {
  return list(value, field).flatMap((item, index) =>
    Object.entries(mapping(item, `${field}[${index}]`)).map(([metric, limit]) =>
      threshold(metric, limit, names.resolve(metric, `${field}[${index}]`), `${field}[${index}].${metric}`),
    ),
  )
}

function threshold(name: string, value: unknown, named: NamedMetric, field: string): Bound {
  const limit = Number(value)
  if (value === null || value === '' || !Number.isFinite(limit))
    throw ScriptError.at(field, `must be a number, not ${JSON.stringify(value)}`)
  // As in Artillery, a value must stay below its threshold, except that an error rate may reach it.
  const comparison = named.metric.endsWith('error_rate') ? '<=' : '<'
  return { text: `${name}: ${limit}`, ...named, comparison, limit, strict: true }
}

function conditions(value: unknown, field: string, names: MetricNames): Bound[] {
  return list(value, field).flatMap((item, index) => {
    const at = `${field}[${index}].expression`
    const { expression, strict } = mapping(item, `${field}[${index}]`)
    if (typeof expression !== 'string')
      throw ScriptError.at(at, 'must be a string such as "http.response_time.p95 < 250"')
    return readCondition(expression, strict !== false, names, at)
  })
}

/** A bound for each comparison that `and` joins; any other expression is one. */
function readCondition(expression: string, strict: boolean, names: MetricNames, at: string): Bound[] {
  const parts = expression.split(/\s+and\s+/).map((part) => ({ part, match: CONDITION.exec(inner(part)) }))
  const comparisons = (): Bound[] =>
    parts.map(({ part, match }) => {
      const [, metric = '', comparison = '<', limit = '0'] = match ?? []
      const named = names.resolve(metric, at)
      return {
        text: part.trim(),
        ...named,
        comparison: comparison as Bound['comparison'],
        limit: Number(limit),
        strict,
      }
    })
  const areComparisons = parts.every(({ match }) => match !== null)
  if (areComparisons && parts.every(({ part }) => !FORMULA.test(withoutNames(part, names)))) return comparisons()
  try {
    const formula = readFormula(expression, names, at)
    return [{ text: expression.trim(), metric: expression.trim(), formula, comparison: '!=', limit: 0, strict }]
  } catch (error) {
    // Endpoints and errors are named by scripts, and may look like expressions.
    const mayHaveAnyName = ([, metric = '']: readonly string[]): boolean =>
      metric.startsWith('errors.') || names.isByEndpoint(metric)
    if (areComparisons && parts.every(({ match }) => match !== null && mayHaveAnyName(match))) return comparisons()
    throw error
  }
}

function inner(part: string): string {
  return part.replace(/^\((.*)\)$/, '$1')
}

function withoutNames(part: string, names: MetricNames): string {
  return inner(part).replace(names.inExpressions(), (token) =>
    /^(or|not|in|of|mod|if|then|else)$/.test(token) ? token : '',
  )
}

function list(value: unknown, field: string): unknown[] {
  if (!Array.isArray(value)) throw ScriptError.at(field, 'must be a list')
  return value
}

function mapping(value: unknown, field: string): Record<string, unknown> {
  const record = asRecord(value)
  if (record === undefined) throw ScriptError.at(field, 'must be a mapping')
  return record
}
