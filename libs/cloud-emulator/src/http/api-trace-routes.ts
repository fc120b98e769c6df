import type { FastifyInstance } from 'fastify'
import type { EmulatorState } from '../emulator.ts'
import { RpcError } from '../rpc/status.ts'
import type { Span } from '../trace/span.ts'
import { rootSpan, type Trace } from '../trace/span-store.ts'
import { numberParameter, projectParameter, textParameter, timeParameter } from './api-parameters.ts'

interface TraceSummary {
  readonly traceId: string
  readonly rootName: string
  readonly rootService: string
  readonly services: readonly string[]
  readonly startMs: number
  readonly durationMs: number
  readonly spans: number
  readonly errors: number
}

/** Traces for the UI: a list with filters, and one trace. */
export function registerTraceApi(app: FastifyInstance, state: EmulatorState): void {
  app.get('/api/traces', async ({ query }) => {
    const project = state.spans.projects.get(projectParameter(query, state))
    const startMs = timeParameter(query, 'start') ?? Number.NEGATIVE_INFINITY
    const endMs = timeParameter(query, 'end') ?? Number.POSITIVE_INFINITY
    const minDurationMs = numberParameter(query, 'minDurationMs', { fallback: 0, min: 0, max: 1e12 })
    const maxDurationMs = numberParameter(query, 'maxDurationMs', { fallback: 1e12, min: 0, max: 1e12 })
    const limit = numberParameter(query, 'limit', { fallback: 200, min: 1, max: 5000 })
    const service = textParameter(query, 'service')
    const name = textParameter(query, 'name')
    const status = textParameter(query, 'status')
    if (status !== undefined && status !== 'ok' && status !== 'error')
      throw new RpcError('INVALID_ARGUMENT', `status "${status}" is not known; ok and error are.`)
    const services = new Set<string>()
    const names = new Set<string>()
    const found: TraceSummary[] = []
    for (const trace of project?.traces.values() ?? []) {
      if (trace.startMicros / 1000 > endMs || trace.endMicros / 1000 < startMs) continue
      const summary = summaryOf(trace)
      for (const one of summary.services) services.add(one)
      names.add(summary.rootName)
      const durationFits = summary.durationMs >= minDurationMs && summary.durationMs <= maxDurationMs
      const statusFits = status === undefined || (status === 'error') === summary.errors > 0
      const serviceFits = service === undefined || summary.services.includes(service)
      if (durationFits && statusFits && serviceFits && (name === undefined || summary.rootName === name))
        found.push(summary)
    }
    found.sort((a, b) => b.startMs - a.startMs)
    return {
      traces: found.slice(0, limit),
      services: [...services].sort(),
      names: [...names].sort(),
      total: found.length,
    }
  })

  app.get<{ Params: { traceId: string } }>('/api/traces/:traceId', async ({ query, params }) => {
    const trace = state.spans.projects.get(projectParameter(query, state))?.traces.get(params.traceId.toLowerCase())
    if (!trace)
      throw new RpcError(
        'NOT_FOUND',
        `There is no trace ${params.traceId}: it was not written, or it is older than what is kept.`,
      )
    return {
      traceId: trace.traceId,
      startMs: trace.startMicros / 1000,
      durationMs: (trace.endMicros - trace.startMicros) / 1000,
      spans: trace.spans.toSorted((a, b) => a.startMicros - b.startMicros || b.endMicros - a.endMicros).map(spanJson),
    }
  })
}

function summaryOf(trace: Trace): TraceSummary {
  const root = rootSpan(trace)
  return {
    traceId: trace.traceId,
    rootName: root?.name ?? '',
    rootService: root?.service ?? '',
    services: [...new Set(trace.spans.map((span) => span.service))].sort(),
    startMs: trace.startMicros / 1000,
    durationMs: (trace.endMicros - trace.startMicros) / 1000,
    spans: trace.spans.length,
    errors: trace.spans.filter((span) => span.status.code !== 0).length,
  }
}

function spanJson(span: Span): object {
  const { spanId, parentSpanId, name, service, kind, status, attributes, links, resource } = span
  return {
    spanId,
    parentSpanId,
    name,
    service,
    kind,
    startMs: span.startMicros / 1000,
    durationMs: (span.endMicros - span.startMicros) / 1000,
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
