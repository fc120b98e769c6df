import { severityName } from '../model/log-entry.ts'
import type { CompiledQuery } from '../query/compile-query.ts'
import type { LogStore } from './log-store.ts'

/** The number of entries in equal periods, by severity name. */
export interface EntryCounts {
  readonly counts: readonly Readonly<Record<string, number>>[]
  readonly total: number
}

/** Counts the entries that match from `startMicros` until `endMicros`, in `buckets` equal periods. */
export function countEntries(
  store: LogStore,
  options: {
    projectIds: readonly string[]
    query: CompiledQuery
    startMicros: number
    endMicros: number
    buckets: number
  },
): EntryCounts {
  const { query, startMicros, endMicros, buckets } = options
  const { matches, bounds } = query
  const stepMicros = (endMicros - startMicros) / buckets
  const bySeverity = Array.from({ length: buckets }, () => new Map<number, number>())
  const within = {
    ...bounds,
    fromMicros: Math.max(bounds.fromMicros, startMicros),
    untilMicros: Math.min(bounds.untilMicros, endMicros),
  }
  let total = 0
  for (const chunk of store.chunksOf(options.projectIds, within)) {
    for (const entry of chunk.entries) {
      const { micros } = entry.time
      if (micros < within.fromMicros || micros > within.untilMicros || entry.severity < bounds.minSeverity) continue
      if (matches && !matches(entry)) continue
      const counts = bySeverity[Math.min(buckets - 1, Math.floor((micros - startMicros) / stepMicros))]
      counts?.set(entry.severity, (counts.get(entry.severity) ?? 0) + 1)
      total++
    }
  }
  const counts = bySeverity.map((map) =>
    Object.fromEntries([...map].map(([severity, count]) => [severityName(severity), count])),
  )
  return { counts, total }
}
