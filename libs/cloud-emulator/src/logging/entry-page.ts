import { makePageToken, readPageToken } from '../api/list-page.ts'
import type { LogEntry } from './model/log-entry.ts'
import { type EntryPosition, type EntrySearch, findEntries } from './store/find-entries.ts'
import type { LogStore } from './store/log-store.ts'

/** A page of the matching entries, and the token of the next page; empty after the last one. */
export interface EntryPage {
  readonly entries: readonly LogEntry[]
  readonly nextPageToken: string
}

/**
 * A page of a search. `fingerprint` identifies the search: tokens of other searches are rejected. A page before the
 * last one may be short or even empty, since the number of entries that one request scans is limited. Throws
 * INVALID_ARGUMENT.
 */
export function entryPage(
  store: LogStore,
  search: Omit<EntrySearch, 'after'> & { readonly pageToken: string; readonly fingerprint: string },
): EntryPage {
  const { pageToken, fingerprint, ...rest } = search
  const { entries, nextPosition } = findEntries(store, { ...rest, after: positionOfToken(pageToken, fingerprint) })
  return { entries, nextPageToken: nextPosition ? makePageToken(nextPosition, fingerprint) : '' }
}

function positionOfToken(pageToken: string, fingerprint: string): EntryPosition | undefined {
  const sortKey = readPageToken(pageToken, fingerprint)
  if (!sortKey) return undefined
  const [micros, restNanos, insertId, logName] = sortKey
  return [Number(micros), Number(restNanos), String(insertId), String(logName)]
}
