import type { SpanCounts, SpanDropReason } from '@node-to-cloud/telemetry'

/** What became of spans since the last time. */
export interface SpanDeltas {
  readonly exported: number
  readonly dropped: Readonly<Partial<Record<SpanDropReason, number>>>
}

/** Gives what has been added to the counts since the last call; undefined where nothing was. */
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
