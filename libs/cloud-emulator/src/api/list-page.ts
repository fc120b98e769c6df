import { invalidField } from './rpc-error.ts'

/** A page of a list, with the token of the next page; empty after the last one. */
export interface Page<T> {
  readonly items: readonly T[]
  readonly nextPageToken: string
}

/** The sort key of an item in its list: unique, and constant for as long as the item exists. Compared part by part. */
export type SortKey = readonly (string | number)[]

export interface PageRequest {
  readonly pageSize: number
  readonly maxPageSize: number
  readonly pageToken: string
  /** Identifies the request except for its page: tokens of other requests are rejected. */
  readonly fingerprint: string
}

const TOKEN = /^([A-Za-z0-9_-]{1,8000})\.([0-9a-z]{1,16})$/

/**
 * Sorts a list and returns a page of it. A token contains the sort key of the last returned item, so that no item is
 * repeated or skipped if the list changes.
 */
export function pageOf<T>(
  items: readonly T[],
  options: PageRequest & { sortKeyOf: (item: T) => SortKey; descending?: boolean },
): Page<T> {
  const { pageToken, fingerprint, sortKeyOf, descending = false } = options
  const size = checkedPageSize(options.pageSize, options.maxPageSize)
  const last = readPageToken(pageToken, fingerprint)
  const order = descending ? (a: SortKey, b: SortKey) => compareSortKeys(b, a) : compareSortKeys
  const rest = items
    .map((item) => ({ item, sortKey: sortKeyOf(item) }))
    .filter(({ sortKey }) => last === undefined || order(sortKey, last) > 0)
    .sort((a, b) => order(a.sortKey, b.sortKey))
  const page = rest.slice(0, size)
  const end = page.at(-1)
  return {
    items: page.map(({ item }) => item),
    nextPageToken: end && page.length < rest.length ? makePageToken(end.sortKey, fingerprint) : '',
  }
}

/** The page size, or the largest one if none or a larger one is requested. Throws INVALID_ARGUMENT. */
export function checkedPageSize(pageSize: number, maxPageSize: number): number {
  if (pageSize < 0) throw invalidField('pageSize', String(pageSize), 'The page size must not be negative.')
  return pageSize === 0 ? maxPageSize : Math.min(pageSize, maxPageSize)
}

/** Creates a token from a sort key. */
export function makePageToken(sortKey: SortKey, fingerprint: string): string {
  return `${Buffer.from(JSON.stringify(sortKey)).toString('base64url')}.${hash(fingerprint)}`
}

/** The sort key in a token; undefined for an empty one. Throws INVALID_ARGUMENT. */
export function readPageToken(token: string, fingerprint: string): SortKey | undefined {
  if (token === '') return undefined
  const match = TOKEN.exec(token)
  const sortKey = match?.[2] === hash(fingerprint) ? decodeSortKey(match[1] ?? '') : undefined
  if (sortKey) return sortKey
  const reason = 'The page token is from a different request; all other parameters must stay the same.'
  throw invalidField('pageToken', token, reason)
}

/** Negative if `a` comes first, positive if `b` does, 0 if they are equal. */
export function compareSortKeys(a: SortKey, b: SortKey): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const [left = '', right = ''] = [a[index], b[index]]
    if (left !== right) return left < right ? -1 : 1
  }
  return 0
}

function decodeSortKey(encoded: string): SortKey | undefined {
  try {
    const json: unknown = JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8'))
    return Array.isArray(json) && json.every((part) => typeof part === 'string' || typeof part === 'number')
      ? json
      : undefined
  } catch {
    return undefined
  }
}

/** FNV-1a. */
function hash(text: string): string {
  let value = 0x811c9dc5
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  return (value >>> 0).toString(36)
}
