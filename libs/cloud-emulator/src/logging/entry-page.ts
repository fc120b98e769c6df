import { makePageToken, readPageToken } from '../api/list-page.ts'
import type { LogEntry } from './model/log-entry.ts'
import { type EntryPlace, type EntrySearch, findEntries } from './store/find-entries.ts'
import type { LogStore } from './store/log-store.ts'

/** A page of the entries that match, and the token of the next page; empty after the last one. */
export interface EntryPage {
  readonly entries: readonly LogEntry[]
  readonly nextPageToken: string
}

/**
 * A page of a search. `fingerprint` identifies the search: tokens of other ones are refused. A page may be short, even
 * empty, before the last one, since the entries that one request looks at are bounded. Throws INVALID_ARGUMENT.
 */
export function entryPage(
  store: LogStore,
  search: Omit<EntrySearch, 'after'> & { readonly pageToken: string; readonly fingerprint: string },
): EntryPage {
  const { pageToken, fingerprint, ...rest } = search
  const { entries, nextPlace } = findEntries(store, { ...rest, after: placeOfToken(pageToken, fingerprint) })
  return { entries, nextPageToken: nextPlace ? makePageToken(nextPlace, fingerprint) : '' }
}

function placeOfToken(pageToken: string, fingerprint: string): EntryPlace | undefined {
  const place = readPageToken(pageToken, fingerprint)
  if (!place) return undefined
  const [micros, restNanos, insertId, logName] = place
  return [Number(micros), Number(restNanos), String(insertId), String(logName)]
}
