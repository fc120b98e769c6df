import { invalidField } from '../api/rpc-error.ts'
import type { Span } from './span.ts'
import { rootSpan, type Trace } from './span-store.ts'

export type TracePredicate = (trace: Trace) => boolean

const UNITS_MICROS: Readonly<Record<string, number>> = { ns: 0.001, us: 1, ms: 1000, s: 1_000_000 }
const SHORT_KEYS = new Map([
  ['method', '/http/method'],
  ['url', '/http/url'],
])

/**
 * Parses the filter of Cloud Trace v1's ListTraces (google/devtools/cloudtrace/v1/trace.proto): terms separated by
 * spaces, all of which must match a prefix, or after a `+` the whole string. Throws INVALID_ARGUMENT.
 */
export function readTraceFilter(filter: string): TracePredicate {
  const predicates = [...filter.matchAll(/(?:[^\s"]|"[^"]*"?)+/g)].map(([term]) => readTerm(term, filter))
  return (trace) => predicates.every((holds) => holds(trace))
}

function readTerm(term: string, filter: string): TracePredicate {
  const exact = term.startsWith('+')
  const [key, value] = splitTerm(exact ? term.slice(1) : term)
  const matches = (text: string): boolean => (exact ? text === value : text.startsWith(value))
  if (key === undefined || key === 'root') return (trace) => matches(rootSpan(trace)?.name ?? '')
  if (key === 'span') return (trace) => trace.spans.some((span) => matches(span.name))
  if (key === 'latency') {
    const minMicros = durationMicros(value, filter)
    return (trace) => trace.endMicros - trace.startMicros >= minMicros
  }
  if (key === 'label') return (trace) => trace.spans.some((span) => Object.hasOwn(spanLabels(span), value))
  const label = SHORT_KEYS.get(key) ?? key
  return (trace) =>
    trace.spans.some((span) => {
      const labels = spanLabels(span)
      return Object.hasOwn(labels, label) && matches(labels[label] ?? '')
    })
}

/** Splits `key:value` at the first colon; the value may be quoted. */
function splitTerm(term: string): [string | undefined, string] {
  const index = term.indexOf(':')
  const unquoted = (text: string): string => text.replace(/^"(.*?)"?$/, '$1')
  return index <= 0 ? [undefined, unquoted(term)] : [unquoted(term.slice(0, index)), unquoted(term.slice(index + 1))]
}

function durationMicros(text: string, filter: string): number {
  const match = /^(\d+(?:\.\d+)?)(ns|us|ms|s)?$/.exec(text)
  if (!match) throw invalidField('filter', filter, `latency needs a duration such as 24ms, but found "${text}".`)
  return Number(match[1]) * (UNITS_MICROS[match[2] ?? 'ms'] ?? 1000)
}

/** The attributes of a span and its resource as v1 labels, which are strings. */
export function spanLabels(span: Span): Record<string, string> {
  const labels: Record<string, string> = {}
  for (const [key, value] of Object.entries({ ...span.resource, ...span.attributes })) labels[key] = String(value)
  if (span.status.message !== '') labels['/error/message'] ??= span.status.message
  return labels
}
