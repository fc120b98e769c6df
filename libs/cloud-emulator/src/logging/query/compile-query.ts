import { severityOfName } from '../model/log-entry.ts'
import { readTime } from '../model/log-time.ts'
import { operandField } from './calculated-field.ts'
import { valueTest } from './compare-values.ts'
import { hasText } from './entry-fields.ts'
import { parseQuery } from './parse-query.ts'
import { QueryError } from './query-error.ts'
import { type EntryPredicate, functionPredicate } from './query-functions.ts'
import type { QueryTree } from './query-tree.ts'
import { containsText } from './text-tests.ts'

/** Necessary conditions of all entries that match a query, by which the store skips entries without reading them. */
export interface QueryBounds {
  readonly fromMicros: number
  readonly untilMicros: number
  readonly minSeverity: number
  /** The ID of the only trace. */
  readonly traceId: string | undefined
  readonly logName: string | undefined
}

export interface CompiledQuery {
  /** Undefined if every entry matches. */
  readonly matches: EntryPredicate | undefined
  readonly bounds: QueryBounds
}

const TRACE_ID = /^[0-9a-f]{32}$/i

const NO_BOUNDS: QueryBounds = {
  fromMicros: Number.NEGATIVE_INFINITY,
  untilMicros: Number.POSITIVE_INFINITY,
  minSeverity: 0,
  traceId: undefined,
  logName: undefined,
}

/** Compiles a query in the Logging query language. Throws `QueryError`, which is INVALID_ARGUMENT. */
export function compileQuery(query: string): CompiledQuery {
  const tree = parseQuery(query)
  if (!tree) return { matches: undefined, bounds: NO_BOUNDS }
  return { matches: predicate(tree, query), bounds: boundsOf(tree) }
}

function predicate(tree: QueryTree, query: string): EntryPredicate {
  switch (tree.kind) {
    case 'and': {
      const parts = tree.parts.map((part) => predicate(part, query))
      return (entry) => parts.every((part) => part(entry))
    }
    case 'or': {
      const parts = tree.parts.map((part) => predicate(part, query))
      return (entry) => parts.some((part) => part(entry))
    }
    case 'not': {
      const part = predicate(tree.part, query)
      return (entry) => !part(entry)
    }
    case 'anywhere': {
      const test = containsText(tree.value.text)
      return (entry) => hasText(entry, test)
    }
    case 'function': {
      const built = functionPredicate(tree.name, tree.arguments)
      if (typeof built === 'function') return built
      const { text, position } = built.at ?? { text: tree.name, position: tree.position }
      throw new QueryError(query, { position, token: text, reason: built.reason })
    }
    default:
      return comparison(tree, query)
  }
}

function comparison(tree: Extract<QueryTree, { kind: 'comparison' }>, query: string): EntryPredicate {
  const { operator, value } = tree
  const field = operandField(tree.field)
  if ('reason' in field) throw new QueryError(query, field)
  const test = valueTest(field.type, operator, value)
  if (typeof test === 'string')
    throw new QueryError(query, { position: value.position, token: value.text, reason: test })
  const { read } = field
  if (!field.open) return (entry) => test(read(entry))
  return (entry) => {
    const found = read(entry)
    return Array.isArray(found) ? found.some(test) : test(found)
  }
}

/** The bounds of the operands of a top-level AND. */
function boundsOf(tree: QueryTree): QueryBounds {
  if (tree.kind === 'and') return tree.parts.map(boundsOf).reduce(joined)
  if (tree.kind !== 'comparison') return NO_BOUNDS
  const { field, operator, value } = tree
  const name = 'names' in field && field.names.length === 1 ? field.names[0] : undefined
  if (name === 'timestamp') {
    const micros = readTime(value.text)?.micros
    if (micros === undefined) return NO_BOUNDS
    const isFrom = operator === '>' || operator === '>=' || operator === '='
    const isUntil = operator === '<' || operator === '<=' || operator === '='
    return {
      ...NO_BOUNDS,
      ...(isFrom ? { fromMicros: micros } : {}),
      ...(isUntil ? { untilMicros: micros } : {}),
    }
  }
  if (name === 'severity' && (operator === '>=' || operator === '>' || operator === '='))
    return { ...NO_BOUNDS, minSeverity: severityOfName(value.text) ?? 0 }
  const isWholeId = operator === ':' && TRACE_ID.test(value.text)
  if (name === 'trace' && (operator === '=' || isWholeId))
    return { ...NO_BOUNDS, traceId: value.text.slice(value.text.lastIndexOf('/') + 1).toLowerCase() }
  if ((name === 'logName' || name === 'log_name') && operator === '=') return { ...NO_BOUNDS, logName: value.text }
  return NO_BOUNDS
}

function joined(a: QueryBounds, b: QueryBounds): QueryBounds {
  return {
    fromMicros: Math.max(a.fromMicros, b.fromMicros),
    untilMicros: Math.min(a.untilMicros, b.untilMicros),
    minSeverity: Math.max(a.minSeverity, b.minSeverity),
    traceId: a.traceId ?? b.traceId,
    logName: a.logName ?? b.logName,
  }
}
