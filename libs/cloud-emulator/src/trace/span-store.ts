import type { Span } from './span.ts'

/** The spans of one trace. */
export interface Trace {
  readonly traceId: string
  readonly spans: Span[]
  startMicros: number
  endMicros: number
}

/** The traces of one project, in the order in which they began to arrive. */
export class ProjectTraces {
  readonly traces = new Map<string, Trace>()
  spanCount = 0
}

/** Spans of all projects, in memory, bounded by number and by age: the oldest traces go. */
export class SpanStore {
  readonly #projects = new Map<string, ProjectTraces>()
  readonly #maxSpans: number
  readonly #retentionMicros: number
  #spanCount = 0
  evictedSpans = 0

  constructor(options: { maxSpans: number; retentionMicros: number }) {
    this.#maxSpans = options.maxSpans
    this.#retentionMicros = options.retentionMicros
  }

  get spanCount(): number {
    return this.#spanCount
  }

  get projects(): ReadonlyMap<string, ProjectTraces> {
    return this.#projects
  }

  project(projectId: string): ProjectTraces {
    let project = this.#projects.get(projectId)
    if (!project) {
      project = new ProjectTraces()
      this.#projects.set(projectId, project)
    }
    return project
  }

  /** Gives false where the trace already has a span with this id: spans never change. */
  add(projectId: string, span: Span): boolean {
    const project = this.project(projectId)
    let trace = project.traces.get(span.traceId)
    if (trace?.spans.some((known) => known.spanId === span.spanId)) return false
    if (this.#spanCount >= this.#maxSpans) this.#evictOldest()
    if (!trace || !project.traces.has(span.traceId)) {
      trace = { traceId: span.traceId, spans: [], startMicros: span.startMicros, endMicros: span.endMicros }
      project.traces.set(span.traceId, trace)
    }
    trace.spans.push(span)
    trace.startMicros = Math.min(trace.startMicros, span.startMicros)
    trace.endMicros = Math.max(trace.endMicros, span.endMicros)
    project.spanCount++
    this.#spanCount++
    return true
  }

  /** Drops traces that ended before the retention. */
  sweep(nowMicros: number): void {
    const untilMicros = nowMicros - this.#retentionMicros
    for (const project of this.#projects.values()) {
      for (const trace of project.traces.values()) if (trace.endMicros <= untilMicros) this.#remove(project, trace)
    }
  }

  #evictOldest(): void {
    let oldest: { project: ProjectTraces; trace: Trace } | undefined
    for (const project of this.#projects.values()) {
      const trace = project.traces.values().next().value
      if (trace && (!oldest || trace.startMicros < oldest.trace.startMicros)) oldest = { project, trace }
    }
    if (oldest) this.#remove(oldest.project, oldest.trace)
  }

  #remove(project: ProjectTraces, trace: Trace): void {
    project.traces.delete(trace.traceId)
    project.spanCount -= trace.spans.length
    this.#spanCount -= trace.spans.length
    this.evictedSpans += trace.spans.length
  }
}

/** The span that no other span of the trace is a parent of, or the earliest one. */
export function rootSpan(trace: Trace): Span | undefined {
  const ids = new Set(trace.spans.map((span) => span.spanId))
  const roots = trace.spans.filter((span) => span.parentSpanId === '' || !ids.has(span.parentSpanId))
  const candidates = roots.length > 0 ? roots : trace.spans
  return candidates.reduce<Span | undefined>(
    (first, span) => (!first || span.startMicros < first.startMicros ? span : first),
    undefined,
  )
}
