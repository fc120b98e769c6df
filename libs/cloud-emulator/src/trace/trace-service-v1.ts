import { pageOf, type SortKey } from '../api/list-page.ts'
import { checkedProjectId } from '../api/resource-name.ts'
import { invalidField, RpcError } from '../api/rpc-error.ts'
import { handler, type Service } from '../api/service.ts'
import { microsToTimestamp, type TimestampMessage, timestampToMicros } from '../protos/timestamp.ts'
import { isTraceId, type Span } from './span.ts'
import { rootSpan, type SpanStore, type Trace } from './span-store.ts'
import { readTraceFilter, spanLabels } from './trace-filter.ts'
import { spansOfTraceV1, type TraceMessageV1 } from './trace-v1-spans.ts'
import type { TraceWriter } from './trace-writer.ts'

interface ListTracesRequest {
  projectId: string
  view: number
  pageSize: number
  pageToken: string
  startTime?: TimestampMessage | null
  endTime?: TimestampMessage | null
  filter: string
  orderBy: string
}

const MAX_PAGE = 1000
const VIEW_ROOTSPAN = 2
const VIEW_COMPLETE = 3
const KINDS: Readonly<Record<string, number>> = { SERVER: 1, CLIENT: 2 }

/** Cloud Trace v1, the only version with read methods. */
export function traceServiceV1(store: SpanStore, writer: TraceWriter): Service {
  return {
    name: 'google.devtools.cloudtrace.v1.TraceService',
    handlers: {
      PatchTraces: handler<{ projectId: string; traces?: { traces: TraceMessageV1[] } | null }>((request) => {
        const traces = request.traces?.traces ?? []
        writer.writeAll(
          () => checkedProjectId(request.projectId),
          (projectId) =>
            traces.flatMap((trace, index) => spansOfTraceV1(trace, { projectId, field: `traces.traces[${index}]` })),
          { name: traces[0]?.spans[0]?.name ?? '', spans: traces.reduce((sum, { spans }) => sum + spans.length, 0) },
        )
        return {}
      }),
      ListTraces: handler<ListTracesRequest>((request) => {
        const projectId = checkedProjectId(request.projectId)
        const startMicros = request.startTime ? timestampToMicros(request.startTime) : Number.NEGATIVE_INFINITY
        const endMicros = request.endTime ? timestampToMicros(request.endTime) : Number.POSITIVE_INFINITY
        const matches = readTraceFilter(request.filter)
        const found = [...(store.projects.get(projectId)?.traces.values() ?? [])].filter(
          (trace) => trace.endMicros >= startMicros && trace.startMicros <= endMicros && matches(trace),
        )
        const { pageSize, pageToken, filter, orderBy, view } = request
        const page = pageOf(found, {
          pageSize,
          pageToken,
          maxPageSize: MAX_PAGE,
          fingerprint: JSON.stringify([projectId, filter, orderBy, view, startMicros, endMicros]),
          ...orderOf(orderBy),
        })
        return {
          traces: page.items.map((trace) => traceMessage(trace, projectId, view)),
          nextPageToken: page.nextPageToken,
        }
      }),
      GetTrace: handler<{ projectId: string; traceId: string }>(({ projectId, traceId }) => {
        if (!isTraceId(traceId))
          throw invalidField('trace_id', traceId, 'It must be 32 hexadecimal digits in lower case, not all zero.')
        const trace = store.projects.get(checkedProjectId(projectId))?.traces.get(traceId)
        if (!trace) throw new RpcError('NOT_FOUND', `Resource not found: trace ${traceId} of project ${projectId}.`)
        return traceMessage(trace, projectId, VIEW_COMPLETE)
      }),
    },
  }
}

function orderOf(text: string): { sortKeyOf: (trace: Trace) => SortKey; descending: boolean } {
  const [field = '', direction, ...rest] = text.trim() === '' ? ['start', 'desc'] : text.trim().split(/\s+/)
  const key = KEYS.get(field)
  if (!key || rest.length > 0 || (direction !== undefined && direction !== 'desc' && direction !== 'asc')) {
    throw invalidField(
      'order_by',
      text,
      'trace_id, name, duration and start are allowed, optionally followed by "desc".',
    )
  }
  return { sortKeyOf: (trace) => [key(trace), trace.traceId], descending: direction === 'desc' }
}

const KEYS = new Map<string, (trace: Trace) => string | number>([
  ['trace_id', (trace) => trace.traceId],
  ['name', (trace) => rootSpan(trace)?.name ?? ''],
  ['duration', (trace) => trace.endMicros - trace.startMicros],
  ['start', (trace) => trace.startMicros],
])

function traceMessage(trace: Trace, projectId: string, view: number): object {
  const root = rootSpan(trace)
  const spans = view === VIEW_COMPLETE ? trace.spans : view === VIEW_ROOTSPAN && root ? [root] : []
  return { projectId, traceId: trace.traceId, spans: spans.map(spanMessage) }
}

function spanMessage(span: Span): object {
  return {
    spanId: decimal(span.spanId),
    kind: KINDS[span.kind] ?? 0,
    name: span.name,
    startTime: microsToTimestamp(span.startMicros),
    endTime: microsToTimestamp(span.endMicros),
    ...(span.parentSpanId === '' ? {} : { parentSpanId: decimal(span.parentSpanId) }),
    labels: spanLabels(span),
  }
}

/** Span IDs are numbers in v1; protobufjs accepts them as decimal strings. */
function decimal(spanId: string): string {
  return BigInt(`0x${spanId}`).toString()
}
