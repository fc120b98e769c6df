/** Response headers in the form of Node's `IncomingMessage`: lower-case names, `set-cookie` a list, others joined. */
export type ResponseHeaders = Record<string, string | string[] | undefined>

/** A flat list of names and values: bytes as undici gives them, or text as Node's HTTP/2 does. */
export type RawHeaders = readonly (Buffer | string)[]

/** Headers of which Node keeps the first only. */
const SINGLE_HEADERS: ReadonlySet<string> = new Set([
  'age',
  'authorization',
  'content-length',
  'content-type',
  'etag',
  'expires',
  'from',
  'host',
  'if-modified-since',
  'if-unmodified-since',
  'last-modified',
  'location',
  'max-forwards',
  'proxy-authorization',
  'referer',
  'retry-after',
  'server',
  'user-agent',
])

/** Parses raw response headers. */
export function parseHeaders(raw: RawHeaders): ResponseHeaders {
  const headers: ResponseHeaders = {}
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = text(raw[index]).toLowerCase()
    const value = text(raw[index + 1])
    const existing = headers[name]
    if (name === 'set-cookie') headers[name] = Array.isArray(existing) ? [...existing, value] : [value]
    else if (existing === undefined) headers[name] = value
    else if (!SINGLE_HEADERS.has(name)) headers[name] = `${String(existing)}, ${value}`
  }
  return headers
}

/**
 * All values of one header. Cheap enough for every response: a name of another length is not even decoded.
 *
 * @param name in lower case
 */
export function rawHeaderValues(raw: RawHeaders, name: string): string[] | undefined {
  let values: string[] | undefined
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const candidate = raw[index]
    if (candidate === undefined || !isNamed(candidate, name)) continue
    values ??= []
    values.push(text(raw[index + 1]))
  }
  return values
}

function text(value: Buffer | string | undefined): string {
  if (value === undefined) return ''
  return typeof value === 'string' ? value : value.toString('latin1')
}

/** Compares length and first letter before it decodes: this runs for each header of each response. */
function isNamed(candidate: Buffer | string, name: string): boolean {
  // Names are in lower case in HTTP/2.
  if (typeof candidate === 'string') return candidate === name
  return (
    candidate.length === name.length &&
    ((candidate[0] ?? 0) | 0x20) === name.charCodeAt(0) &&
    candidate.toString('latin1').toLowerCase() === name
  )
}
