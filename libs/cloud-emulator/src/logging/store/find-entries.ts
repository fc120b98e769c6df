import { compareEntries, type LogEntry } from '../model/log-entry.ts'
import type { CompiledQuery } from '../query/compile-query.ts'
import type { LogChunk } from './log-chunk.ts'
import type { LogStore } from './log-store.ts'

/** The position of an entry in the order of time. */
export type EntryPosition = readonly [micros: number, restNanos: number, insertId: string, logName: string]

export interface EntrySearch {
  readonly projectIds: readonly string[]
  readonly query: CompiledQuery
  readonly newestFirst: boolean
  readonly limit: number
  /** Only entries after this position, in the order of the search. */
  readonly after?: EntryPosition | undefined
  /** How many entries to scan before the search stops; `nextPosition` is then where to continue. */
  readonly maxScanned?: number
}

export interface FoundEntries {
  readonly entries: readonly LogEntry[]
  /** Undefined after the last entry. */
  readonly nextPosition: EntryPosition | undefined
}

/** About half a second of work. */
const MAX_SCANNED = 400_000

/**
 * The first matching entries in order of time. Chunks are scanned in the same order, until no other chunk can have an
 * earlier entry. Entries of one log with the same time and insert ID are duplicates.
 */
export function findEntries(store: LogStore, search: EntrySearch): FoundEntries {
  const { query, newestFirst, limit, after, maxScanned = MAX_SCANNED } = search
  const { matches, bounds } = query
  const sign = newestFirst ? -1 : 1
  const edge = (chunk: LogChunk): number => (newestFirst ? -chunk.maxMicros : chunk.minMicros)
  const chunks = store
    .chunksOf(search.projectIds, bounds)
    .filter((chunk) => after === undefined || edgeIsAfter(chunk, after, newestFirst))
    .sort((a, b) => edge(a) - edge(b))
  let found: LogEntry[] = []
  let scanned = 0
  for (const chunk of chunks) {
    const last = found[limit]
    if (last && sign * last.time.micros < edge(chunk)) break
    const continues = after === undefined || edge(chunk) - 1 > sign * after[0]
    if (scanned >= maxScanned && continues) return interrupted(found, { edgeMicros: edge(chunk), sign, limit })
    scanned += chunk.entries.length
    for (const entry of chunk.entries) {
      if (entry.severity < bounds.minSeverity) continue
      if (entry.time.micros < bounds.fromMicros || entry.time.micros > bounds.untilMicros) continue
      if (after !== undefined && sign * compareToPosition(entry, after) <= 0) continue
      if (!matches || matches(entry)) found.push(entry)
    }
    found.sort((a, b) => sign * compareEntries(a, b))
    found = withoutDuplicates(found).slice(0, limit + 1)
  }
  const entries = found.slice(0, limit)
  const last = entries.at(-1)
  return { entries, nextPosition: found.length > limit && last ? positionOf(last) : undefined }
}

/** The result is complete up to the start of the next chunk. */
function interrupted(
  found: readonly LogEntry[],
  { edgeMicros, sign, limit }: { edgeMicros: number; sign: number; limit: number },
): FoundEntries {
  const complete = found.filter((entry) => sign * entry.time.micros < edgeMicros)
  const entries = complete.slice(0, limit)
  const last = entries.at(-1)
  if (complete.length > limit && last) return { entries, nextPosition: positionOf(last) }
  return { entries, nextPosition: [sign * edgeMicros - sign, sign < 0 ? 0 : 999, sign < 0 ? '' : '\uffff', ''] }
}

function edgeIsAfter(chunk: LogChunk, [micros]: EntryPosition, newestFirst: boolean): boolean {
  return newestFirst ? chunk.minMicros <= micros : chunk.maxMicros >= micros
}

function withoutDuplicates(sorted: readonly LogEntry[]): LogEntry[] {
  return sorted.filter((entry, index) => {
    const before = sorted[index - 1]
    return !before || compareEntries(before, entry) !== 0
  })
}

function positionOf({ time, insertId, logName }: LogEntry): EntryPosition {
  return [time.micros, time.restNanos, insertId, logName]
}

function compareToPosition(entry: LogEntry, [micros, restNanos, insertId, logName]: EntryPosition): number {
  return compareEntries(entry, { ...entry, time: { micros, restNanos }, insertId, logName })
}
