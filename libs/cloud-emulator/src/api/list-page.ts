import { invalidField } from './rpc-error.ts'

/** A page of a list, with the token of the next page; empty after the last one. */
export interface Page<T> {
  readonly items: readonly T[]
  readonly nextPageToken: string
}

const TOKEN = /^p(\d{1,12})-([0-9a-z]{1,16})$/

/**
 * Takes a page of a list whose order doesn't change between calls. `fingerprint` identifies the request apart from its
 * page: tokens of other requests are refused.
 */
export function pageOf<T>(
  items: readonly T[],
  options: { pageSize: number; maxPageSize: number; pageToken: string; fingerprint: string },
): Page<T> {
  const { pageSize, maxPageSize, pageToken, fingerprint } = options
  const size = checkedPageSize(pageSize, maxPageSize)
  const start = readPageToken(pageToken, fingerprint)
  const end = start + size
  return { items: items.slice(start, end), nextPageToken: end < items.length ? makePageToken(end, fingerprint) : '' }
}

/** The page size, or the largest one if none or a larger one is requested. Throws INVALID_ARGUMENT. */
export function checkedPageSize(pageSize: number, maxPageSize: number): number {
  if (pageSize < 0) throw invalidField('pageSize', String(pageSize), 'The page size must not be negative.')
  return pageSize === 0 ? maxPageSize : Math.min(pageSize, maxPageSize)
}

export function makePageToken(offset: number, fingerprint: string): string {
  return `p${offset}-${hash(fingerprint)}`
}

/** The offset in a token; 0 for an empty one. Throws INVALID_ARGUMENT. */
export function readPageToken(token: string, fingerprint: string): number {
  if (token === '') return 0
  const match = TOKEN.exec(token)
  if (!match || match[2] !== hash(fingerprint))
    throw invalidField(
      'pageToken',
      token,
      'The page token is not of this request; all other parameters must stay the same.',
    )
  return Number(match[1])
}

/** FNV-1a. */
function hash(text: string): string {
  let value = 0x811c9dc5
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  return (value >>> 0).toString(36)
}
