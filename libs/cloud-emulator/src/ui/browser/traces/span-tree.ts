import type { Span } from '../../../contract/traces.ts'

/** A span with its position in the waterfall. */
export interface SpanRow {
  readonly span: Span
  readonly depth: number
  /** The number of descendants. */
  readonly descendants: number
  /** The parent is not in the trace. */
  readonly orphan: boolean
}

/**
 * Sorts the spans of a trace for a waterfall: each below its parent, siblings by start time. A span whose parent is
 * missing becomes a root; cycles are broken, so that no span is lost.
 */
export function spanRows(spans: readonly Span[]): SpanRow[] {
  const byId = new Map(spans.map((span) => [span.spanId, span]))
  const children = new Map<string, Span[]>()
  const roots: Span[] = []
  for (const span of spans) {
    const parent = byId.get(span.parentSpanId)
    if (parent === undefined || parent === span) roots.push(span)
    else {
      const siblings = children.get(parent.spanId)
      if (siblings) siblings.push(span)
      else children.set(parent.spanId, [span])
    }
  }
  const byStart = (a: Span, b: Span): number => a.startMs - b.startMs || b.durationMs - a.durationMs
  const rows: { span: Span; depth: number; descendants: number; orphan: boolean }[] = []
  const placed = new Set<Span>()

  const place = (root: Span): void => {
    const stack: { span: Span; depth: number }[] = [{ span: root, depth: 0 }]
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      if (placed.has(next.span)) continue
      placed.add(next.span)
      const { span, depth } = next
      const { parentSpanId } = span
      rows.push({ span, depth, descendants: 0, orphan: depth === 0 && parentSpanId !== '' && !byId.has(parentSpanId) })
      for (const child of [...(children.get(span.spanId) ?? [])].sort(byStart).reverse()) {
        stack.push({ span: child, depth: depth + 1 })
      }
    }
  }
  for (const root of roots.sort(byStart)) place(root)
  for (const span of [...spans].sort(byStart)) if (!placed.has(span)) place(span)

  // From the last row up, skipping the descendants of rows below.
  for (let index = rows.length - 1; index >= 0; index--) {
    const row = rows[index]
    if (!row) continue
    let end = index + 1
    for (let next = rows[end]; next && next.depth > row.depth; next = rows[end]) end += 1 + next.descendants
    row.descendants = end - index - 1
  }
  return rows
}

export function isError(span: Span): boolean {
  return span.status.code !== 0
}
