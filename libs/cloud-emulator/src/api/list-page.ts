import { invalidField } from './rpc-error.ts'

/** A page of a list, with the token of the next page; empty after the last one. */
export interface Page<T> {
  readonly items: readonly T[]
  readonly nextPageToken: string
}

/** The place of an item in its list: unique, and the same for as long as the item exists. Compared part by part. */
export type Place = readonly (string | number)[]

export interface PageRequest {
  readonly pageSize: number
  readonly maxPageSize: number
  readonly pageToken: string
  /** Identifies the request apart from its page: tokens of other requests are refused. */
  readonly fingerprint: string
}

const TOKEN = /^([A-Za-z0-9_-]{1,8000})\.([0-9a-z]{1,16})$/

/**
 * Sorts a list and takes a page of it. A token names the place of the last item that was given, so while the list
 * changes nothing comes twice and nothing that stays is left out.
 */
export function pageOf<T>(
  items: readonly T[],
  options: PageRequest & { placeOf: (item: T) => Place; descending?: boolean },
): Page<T> {
  const { pageToken, fingerprint, placeOf, descending = false } = options
  const size = checkedPageSize(options.pageSize, options.maxPageSize)
  const last = readPageToken(pageToken, fingerprint)
  const order = descending ? (a: Place, b: Place) => comparePlaces(b, a) : comparePlaces
  const rest = items
    .map((item) => ({ item, place: placeOf(item) }))
    .filter(({ place }) => last === undefined || order(place, last) > 0)
    .sort((a, b) => order(a.place, b.place))
  const page = rest.slice(0, size)
  const end = page.at(-1)
  return {
    items: page.map(({ item }) => item),
    nextPageToken: end && page.length < rest.length ? makePageToken(end.place, fingerprint) : '',
  }
}

/** The page size, or the largest one if none or a larger one is requested. Throws INVALID_ARGUMENT. */
export function checkedPageSize(pageSize: number, maxPageSize: number): number {
  if (pageSize < 0) throw invalidField('pageSize', String(pageSize), 'The page size must not be negative.')
  return pageSize === 0 ? maxPageSize : Math.min(pageSize, maxPageSize)
}

/** A token that names a place. */
export function makePageToken(place: Place, fingerprint: string): string {
  return `${Buffer.from(JSON.stringify(place)).toString('base64url')}.${hash(fingerprint)}`
}

/** The place in a token; undefined for an empty one. Throws INVALID_ARGUMENT. */
export function readPageToken(token: string, fingerprint: string): Place | undefined {
  if (token === '') return undefined
  const match = TOKEN.exec(token)
  const place = match?.[2] === hash(fingerprint) ? placeIn(match[1] ?? '') : undefined
  if (place) return place
  const reason = 'The page token is not of this request; all other parameters must stay the same.'
  throw invalidField('pageToken', token, reason)
}

export function comparePlaces(a: Place, b: Place): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const [left = '', right = ''] = [a[index], b[index]]
    if (left !== right) return left < right ? -1 : 1
  }
  return 0
}

function placeIn(encoded: string): Place | undefined {
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
