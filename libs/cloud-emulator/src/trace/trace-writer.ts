import { invalidField, RpcError } from '../api/rpc-error.ts'
import type { StatusName } from '../contract/status.ts'
import type { RefusalLog } from '../refusals/refusal-log.ts'
import type { Span } from './span.ts'
import { ageProblem } from './span-limits.ts'
import type { SpanStore } from './span-store.ts'
import { type SpanMessage, spanOfMessage } from './trace-v2-spans.ts'

/** A span that can't be stored, and why. */
export interface RejectedSpan {
  readonly name: string
  readonly message: string
}

/** Notified of each write: the stored spans, and the rejected spans by reason. */
export interface TraceWriteObserver {
  written(projectId: string, spans: number): void
  refused(reason: string, spans: number): void
}

/** Writes spans to the store, and rejected spans to the refusal log. */
export class TraceWriter {
  readonly #store: SpanStore
  readonly #refusals: RefusalLog
  readonly #observer: TraceWriteObserver
  readonly #nowMicros: () => number

  constructor(options: {
    store: SpanStore
    refusals: RefusalLog
    observer: TraceWriteObserver
    nowMicros: () => number
  }) {
    this.#store = options.store
    this.#refusals = options.refusals
    this.#observer = options.observer
    this.#nowMicros = options.nowMicros
  }

  /** Writes v2 spans: all, or none if one of them or the project's name is invalid. Throws INVALID_ARGUMENT. */
  writeMessages(project: () => string, messages: readonly { message: SpanMessage; field: string }[]): void {
    const parse = (projectId: string): Span[] =>
      messages.map(({ message, field }) => {
        const { projectId: own, span } = spanOfMessage(message, field)
        if (own !== projectId)
          throw invalidField(
            `${field}.name`,
            message.name,
            `Its project must be the same as in the request, ${projectId}.`,
          )
        return span
      })
    this.writeAll(project, parse, { name: messages[0]?.message.displayName?.value ?? '', spans: messages.length })
  }

  /**
   * Writes the spans that `parse` returns: all, or none if it or `project` throws INVALID_ARGUMENT, which is rethrown.
   * `refused` is then added to the refusal log.
   */
  writeAll(
    project: () => string,
    parse: (projectId: string) => Span[],
    refused: { readonly name: string; readonly spans: number },
  ): void {
    let projectId = ''
    let parsed: Span[]
    try {
      projectId = project()
      parsed = parse(projectId)
    } catch (error) {
      if (error instanceof RpcError) this.#refuse(projectId, 'span', { ...refused, message: error.message })
      throw error
    }
    this.#keep(projectId, parsed)
  }

  /** Writes OTLP spans one by one. Returns the number of rejected spans, and why. */
  writeOtlp(
    projectId: string,
    { spans, rejected }: { spans: readonly Span[]; rejected: readonly RejectedSpan[] },
  ): { rejectedSpans: number; errorMessage: string } {
    for (const { name, message } of rejected) this.#refuse(projectId, 'span', { name, message, spans: 1 })
    const late = this.#keep(projectId, spans)
    const messages = new Set([...rejected.map(({ message }) => message), ...late])
    return { rejectedSpans: rejected.length + late.length, errorMessage: [...messages].slice(0, 10).join('; ') }
  }

  #keep(projectId: string, spans: readonly Span[]): string[] {
    const nowMicros = this.#nowMicros()
    const problems: string[] = []
    const duplicates: Span[] = []
    let written = 0
    for (const span of spans) {
      const problem = ageProblem(span, nowMicros)
      if (problem !== undefined) {
        this.#refuse(projectId, 'age', { name: span.name, message: problem, spans: 1 })
        problems.push(problem)
      } else if (this.#store.add(projectId, span)) written++
      else duplicates.push(span)
    }
    if (written > 0) this.#observer.written(projectId, written)
    const [first] = duplicates
    if (first) {
      const message = `The trace ${first.traceId} already has a span ${first.spanId}, which was left unchanged. The call succeeded.`
      this.#refuse(projectId, 'duplicate', { name: first.name, message, spans: duplicates.length }, 'ALREADY_EXISTS')
    }
    return problems
  }

  #refuse(
    project: string,
    reason: string,
    refused: { name: string; message: string; spans: number },
    status: StatusName = 'INVALID_ARGUMENT',
  ): void {
    this.#refusals.add(
      {
        project,
        reason,
        status,
        message: refused.message,
        points: refused.spans,
        span: refused.name,
      },
      this.#nowMicros() / 1000,
    )
    this.#observer.refused(reason, refused.spans)
  }
}
