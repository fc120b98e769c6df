import type { SpanCounts, SpanDropReason } from '@node-to-cloud/telemetry'

/** Spans exported and dropped since the previous call. */
export interface SpanDeltas {
  readonly exported: number
  readonly dropped: Readonly<Partial<Record<SpanDropReason, number>>>
}

/** Creates a function that returns what was added to the counts since its last call; undefined if nothing was. */
export function createSpanDeltas(counts: SpanCounts): () => SpanDeltas | undefined {
  let exported = 0
  let dropped: Partial<Record<string, number>> = {}
  return () => {
    const added = Object.entries(counts.dropped)
      .map(([reason, count]) => [reason, count - (dropped[reason] ?? 0)] as const)
      .filter(([, count]) => count > 0)
    const deltas: SpanDeltas = { exported: counts.exported - exported, dropped: Object.fromEntries(added) }
    exported = counts.exported
    dropped = { ...counts.dropped }
    return deltas.exported === 0 && added.length === 0 ? undefined : deltas
  }
}
