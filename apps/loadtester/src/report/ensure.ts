import type { ScriptConfig } from '../artillery/types.ts'
import type { Bound, BoundResult } from '../contract/api-types.ts'
import { ScriptError } from '../script/script-error.ts'

export type { Bound, BoundResult } from '../contract/api-types.ts'

/** Short forms at the top of `ensure`, and the metrics that they stand for. */
const shortForms: Readonly<Record<string, string>> = {
  min: 'http.response_time.min',
  max: 'http.response_time.max',
  median: 'http.response_time.median',
  mean: 'http.response_time.mean',
  p50: 'http.response_time.p50',
  p90: 'http.response_time.p90',
  p95: 'http.response_time.p95',
  p99: 'http.response_time.p99',
  p999: 'http.response_time.p999',
  maxErrorRate: 'vusers.error_rate',
}

/**
 * Reads the bounds of a script, in the syntax of Artillery's ensure plugin: `thresholds`, `conditions` (one comparison
 * each, or several joined by `and`), and the short forms `p95`, `maxErrorRate`, …
 *
 * @throws ScriptError that names the field.
 */
export function readBounds(config: ScriptConfig): Bound[] {
  const { plugins } = config
  const bounds = [...boundsOf(config.ensure, 'config.ensure'), ...boundsOf(plugins?.ensure, 'config.plugins.ensure')]
  return plugins?.expect === undefined ? bounds : [...bounds, noFailedExpectation]
}

/** As in Artillery, a run fails where an expectation of the plugin expect does. */
const noFailedExpectation: Bound = {
  text: 'expect: none fails',
  metric: 'plugins.expect.failed',
  comparison: '==',
  limit: 0,
  strict: true,
}

function boundsOf(ensure: unknown, field: string): Bound[] {
  if (ensure === undefined || ensure === null || ensure === true) return []
  if (typeof ensure !== 'object' || Array.isArray(ensure))
    throw new ScriptError(`${field} must be a mapping`, { field })
  const bounds: Bound[] = []
  for (const [key, value] of Object.entries(ensure)) {
    if (key === 'thresholds') bounds.push(...thresholds(value, `${field}.thresholds`))
    else if (key === 'conditions') bounds.push(...conditions(value, `${field}.conditions`))
    else if (Object.hasOwn(shortForms, key))
      bounds.push(threshold(key, value, shortForms[key] ?? key, `${field}.${key}`))
    else
      throw new ScriptError(
        `${field}.${key} is not known; allowed are thresholds, conditions, ${Object.keys(shortForms).join(', ')}`,
        { field: `${field}.${key}` },
      )
  }
  return bounds
}

function thresholds(value: unknown, field: string): Bound[] {
  return list(value, field).flatMap((item, index) =>
    Object.entries(mapping(item, `${field}[${index}]`)).map(([metric, limit]) =>
      threshold(metric, limit, metric, `${field}[${index}].${metric}`),
    ),
  )
}

function threshold(name: string, value: unknown, metric: string, field: string): Bound {
  const limit = Number(value)
  if (value === null || value === '' || !Number.isFinite(limit))
    throw new ScriptError(`${field} must be a number, not ${JSON.stringify(value)}`, { field })
  // Artillery's thresholds want the value below the limit; an error rate may reach it.
  return {
    text: `${name}: ${limit}`,
    metric,
    comparison: metric.endsWith('error_rate') ? '<=' : '<',
    limit,
    strict: true,
  }
}

const comparisonPattern = /^\s*([\w.$-]+)\s*(<=|>=|==|!=|<|>)\s*(-?\d+(?:\.\d+)?)\s*$/

function conditions(value: unknown, field: string): Bound[] {
  return list(value, field).flatMap((item, index) => {
    const at = `${field}[${index}].expression`
    const { expression, strict } = mapping(item, `${field}[${index}]`)
    if (typeof expression !== 'string')
      throw new ScriptError(`${at} must be text such as "http.response_time.p95 < 250"`, { field: at })
    return expression.split(/\s+and\s+/).map((part) => {
      const match = comparisonPattern.exec(part.replace(/^\((.*)\)$/, '$1'))
      if (match === null) {
        throw new ScriptError(
          `${at}: "${part}" is no comparison such as "http.response_time.p95 < 250"; several can be joined by and`,
          { field: at },
        )
      }
      const [, metric = '', comparison = '<', limit = '0'] = match
      return {
        text: part.trim(),
        metric,
        comparison: comparison as Bound['comparison'],
        limit: Number(limit),
        strict: strict !== false,
      }
    })
  })
}

function list(value: unknown, field: string): unknown[] {
  if (!Array.isArray(value)) throw new ScriptError(`${field} must be a list`, { field })
  return value
}

function mapping(value: unknown, field: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ScriptError(`${field} must be a mapping`, { field })
  return value as Record<string, unknown>
}

/** Checks bounds against metrics by Artillery's names. A bound on what was never measured is missed. */
export function checkBounds(bounds: readonly Bound[], metricOf: (name: string) => number | undefined): BoundResult[] {
  return bounds.map((bound) => {
    const value = metricOf(bound.metric)
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
