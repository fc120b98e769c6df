import { MAX_PROJECTS, tooManyProjects } from '../api/project-limit.ts'
import type { Attributes, Span } from './span.ts'

export interface Trace {
  readonly traceId: string
  readonly spans: Span[]
  readonly spanIds: Set<string>
  bytes: number
  startMicros: number
  endMicros: number
}

/** The traces of a project in order of arrival. */
export class ProjectTraces {
  readonly traces = new Map<string, Trace>()
  spanCount = 0
}

/** Estimated memory of a span, an event, a link or an attribute, without its strings. */
const PART_BYTES = 100

/** Spans of all projects, in memory, limited by number, bytes and age: the oldest traces are evicted. */
export class SpanStore {
  readonly #projects = new Map<string, ProjectTraces>()
  readonly #maxSpans: number
  readonly #maxBytes: number
  readonly #retentionMicros: number
  #spanCount = 0
  #byteLength = 0
  evictedSpans = 0

  constructor(options: { maxSpans: number; maxBytes: number; retentionMicros: number }) {
    this.#maxSpans = options.maxSpans
    this.#maxBytes = options.maxBytes
    this.#retentionMicros = options.retentionMicros
  }

  get spanCount(): number {
    return this.#spanCount
  }

  /** The estimated memory of all spans. */
  get byteLength(): number {
    return this.#byteLength
  }

  get projects(): ReadonlyMap<string, ProjectTraces> {
    return this.#projects
  }

  /** A project, created if it is new. Throws RESOURCE_EXHAUSTED if there are too many. */
  project(projectId: string): ProjectTraces {
    let project = this.#projects.get(projectId)
    if (!project) {
      if (this.#projects.size >= MAX_PROJECTS) throw tooManyProjects()
      project = new ProjectTraces()
      this.#projects.set(projectId, project)
    }
    return project
  }

  /** Returns false if the trace already has a span with this ID: spans never change. */
  add(projectId: string, span: Span): boolean {
    const project = this.project(projectId)
    let trace = project.traces.get(span.traceId)
    if (trace?.spanIds.has(span.spanId)) return false
    const bytes = bytesOf(span)
    while (this.#spanCount >= this.#maxSpans || (this.#spanCount > 0 && this.#byteLength + bytes > this.#maxBytes))
      this.#evictOldest()
    if (!trace || !project.traces.has(span.traceId)) {
      const { traceId, startMicros, endMicros } = span
      trace = { traceId, spans: [], spanIds: new Set(), bytes: 0, startMicros, endMicros }
      project.traces.set(span.traceId, trace)
    }
    trace.spans.push(span)
    trace.spanIds.add(span.spanId)
    trace.bytes += bytes
    this.#byteLength += bytes
    trace.startMicros = Math.min(trace.startMicros, span.startMicros)
    trace.endMicros = Math.max(trace.endMicros, span.endMicros)
    project.spanCount++
    this.#spanCount++
    return true
  }

  /** Deletes all projects with their traces. */
  clear(): void {
    this.#projects.clear()
    this.#spanCount = 0
    this.#byteLength = 0
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
    this.#byteLength -= trace.bytes
    this.evictedSpans += trace.spans.length
  }
}

/** The earliest span whose parent is not in the trace, or the earliest of all. */
export function rootSpan(trace: Pick<Trace, 'spans'>): Span | undefined {
  const ids = new Set(trace.spans.map((span) => span.spanId))
  const roots = trace.spans.filter((span) => span.parentSpanId === '' || !ids.has(span.parentSpanId))
  const candidates = roots.length > 0 ? roots : trace.spans
  return candidates.reduce<Span | undefined>(
    (first, span) => (!first || span.startMicros < first.startMicros ? span : first),
    undefined,
  )
}

function bytesOf(span: Span): number {
  let bytes = PART_BYTES + span.name.length + span.status.message.length
  bytes += bytesOfAttributes(span.attributes) + bytesOfAttributes(span.resource)
  for (const { name, attributes } of span.events) bytes += PART_BYTES + name.length + bytesOfAttributes(attributes)
  for (const { attributes } of span.links) bytes += PART_BYTES + bytesOfAttributes(attributes)
  return bytes
}

function bytesOfAttributes(attributes: Attributes): number {
  let bytes = 0
  for (const key of Object.keys(attributes)) {
    const value = attributes[key]
    bytes += PART_BYTES + key.length + (typeof value === 'string' ? value.length : 0)
  }
  return bytes
}
