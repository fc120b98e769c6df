import { RpcError } from '../api/rpc-error.ts'
import type { Trace as TraceDetails, TraceList, Span as TraceSpan, TraceSummary } from '../contract/traces.ts'
import { httpRequestOf } from './http-request.ts'
import { plotSample } from './plot-sample.ts'
import type { Span } from './span.ts'
import { type ProjectTraces, rootSpan, type Trace } from './span-store.ts'

/** The sort orders of the trace list. */
export const TRACE_ORDERS = ['newest', 'oldest', 'slowest', 'fastest'] as const

export type TraceOrder = (typeof TRACE_ORDERS)[number]

export function isTraceOrder(text: string): text is TraceOrder {
  return TRACE_ORDERS.some((order) => order === text)
}

/** Parts of a trace arrive at different times, since each process sends its spans every few seconds. */
const ARRIVING_MS = 15_000

export interface TraceFilter {
  readonly startMs: number
  readonly endMs: number
  readonly minDurationMs: number
  readonly maxDurationMs: number
  readonly service: string | undefined
  /** The name of the root span. */
  readonly name: string | undefined
  readonly status: 'ok' | 'error' | undefined
  /** An attribute of any span or its resource; without a value only the key is compared. */
  readonly attribute: { readonly key: string; readonly value: string | undefined } | undefined
  readonly sort: TraceOrder
  readonly limit: number
  /** The number of traces to plot. */
  readonly plot: number
  /** Omits traces with a missing parent that may still arrive. */
  readonly settled: boolean
}

const ORDERS: Readonly<Record<TraceOrder, (a: TraceSummary, b: TraceSummary) => number>> = {
  newest: (a, b) => b.startMs - a.startMs,
  oldest: (a, b) => a.startMs - b.startMs,
  slowest: (a, b) => b.durationMs - a.durationMs || b.startMs - a.startMs,
  fastest: (a, b) => a.durationMs - b.durationMs || b.startMs - a.startMs,
}

/** Finds the traces that overlap an interval and pass the filter. */
export function findTraces(project: ProjectTraces | undefined, filter: TraceFilter, nowMs: number): TraceList {
  const inInterval = [...(project?.traces.values() ?? [])]
    .filter(({ startMicros, endMicros }) => startMicros / 1000 <= filter.endMs && endMicros / 1000 >= filter.startMs)
    .map((trace) => ({ trace, summary: summaryOf(trace) }))
  const matching = inInterval.filter(
    ({ trace, summary }) => matches(summary, filter) && hasAttribute(trace, filter.attribute),
  )
  const isArriving = ({ startMs, durationMs, incomplete }: TraceSummary): boolean =>
    incomplete === true && startMs + durationMs > nowMs - ARRIVING_MS
  const found = filter.settled ? matching.filter(({ summary }) => !isArriving(summary)) : matching
  const compare = ORDERS[filter.sort]
  found.sort((a, b) => compare(a.summary, b.summary))
  return {
    traces: found.slice(0, filter.limit).map(withRequest),
    services: [...new Set(inInterval.flatMap(({ summary }) => summary.services))].sort(),
    names: [...new Set(inInterval.map(({ summary }) => summary.rootName))].sort(),
    total: found.length,
    ...(filter.settled ? { arriving: matching.length - found.length } : {}),
    ...(filter.plot > 0
      ? {
          plot: plotSample(
            found.map(({ summary }) => summary),
            { startMs: filter.startMs, endMs: filter.endMs, limit: filter.plot },
          ),
        }
      : {}),
  }
}

/** A trace with all its spans. Throws NOT_FOUND. */
export function traceDetails(project: ProjectTraces | undefined, traceId: string): TraceDetails {
  const trace = project?.traces.get(traceId.toLowerCase())
  if (!trace)
    throw new RpcError('NOT_FOUND', `There is no trace ${traceId}: it was never written, or has been evicted.`)
  return {
    traceId: trace.traceId,
    ...timesOf(trace),
    spans: trace.spans.toSorted((a, b) => a.startMicros - b.startMicros || b.endMicros - a.endMicros).map(spanDetails),
  }
}

function matches(summary: TraceSummary, filter: TraceFilter): boolean {
  const { durationMs, errors, services, rootName } = summary
  return (
    durationMs >= filter.minDurationMs &&
    durationMs <= filter.maxDurationMs &&
    (filter.status === undefined || (filter.status === 'error') === errors > 0) &&
    (filter.service === undefined || services.includes(filter.service)) &&
    (filter.name === undefined || rootName === filter.name)
  )
}

function hasAttribute({ spans }: Trace, wanted: TraceFilter['attribute']): boolean {
  if (!wanted) return true
  const { key, value } = wanted
  return spans.some((span) =>
    [span.attributes, span.resource].some(
      (attributes) => Object.hasOwn(attributes, key) && (value === undefined || String(attributes[key]) === value),
    ),
  )
}

function timesOf({ startMicros, endMicros }: Trace | Span): { startMs: number; durationMs: number } {
  return { startMs: startMicros / 1000, durationMs: (endMicros - startMicros) / 1000 }
}

function summaryOf(trace: Trace): TraceSummary {
  const root = rootSpan(trace)
  return {
    traceId: trace.traceId,
    rootName: root?.name ?? '',
    rootService: root?.service ?? '',
    services: [...new Set(trace.spans.map((span) => span.service))].sort(),
    ...timesOf(trace),
    spans: trace.spans.length,
    errors: trace.spans.filter((span) => span.status.code !== 0).length,
    ...(lacksParent(trace) ? { incomplete: true } : {}),
  }
}

function lacksParent({ spans, spanIds }: Trace): boolean {
  return spans.some(({ parentSpanId }) => parentSpanId !== '' && !spanIds.has(parentSpanId))
}

function withRequest({ trace, summary }: { trace: Trace; summary: TraceSummary }): TraceSummary {
  const { path, statusCode } = httpRequestOf(trace.spans.toSorted((a, b) => a.startMicros - b.startMicros))
  return {
    ...summary,
    ...(path === undefined ? {} : { path }),
    ...(statusCode === undefined ? {} : { statusCode }),
  }
}

function spanDetails(span: Span): TraceSpan {
  const { spanId, parentSpanId, name, service, kind, status, attributes, links, resource } = span
  return {
    spanId,
    parentSpanId,
    name,
    service,
    kind,
    ...timesOf(span),
    status,
    attributes,
    events: span.events.map((event) => ({
      timeMs: event.timeMicros / 1000,
      name: event.name,
      attributes: event.attributes,
    })),
    links,
    resource,
  }
}
