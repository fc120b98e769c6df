import { encodeHeaders } from '../http2/header-encoder.ts'

/** Headers of an HTTP/1.1 connection, which HTTP/2 forbids (RFC 9113, 8.2.2). */
const CONNECTION_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'host',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
])

/** A request without its body. */
export interface RequestHead {
  readonly method: string
  readonly path: string
  readonly origin: URL
  /** A flat list of names and values. */
  readonly headers: readonly string[]
  /** Undefined where there is no length to send. */
  readonly contentLength: number | undefined
}

/** Header blocks by their list, which is the same one for a request that is the same each time. */
const blocks = new WeakMap<readonly string[], { readonly head: RequestHead; readonly block: string }>()

/**
 * The header block of a request over HTTP/2.
 *
 * @throws EngineError ERR_HEADER for headers that can't be sent
 */
export function headerBlock(head: RequestHead): string {
  const known = blocks.get(head.headers)
  if (known !== undefined && isSame(known.head, head)) return known.block
  const block = encodeHeaders(http2Headers(head))
  blocks.set(head.headers, { head, block })
  return block
}

function isSame(one: RequestHead, other: RequestHead): boolean {
  return (
    one.path === other.path &&
    one.method === other.method &&
    (one.origin === other.origin || one.origin.href === other.origin.href) &&
    one.contentLength === other.contentLength
  )
}

/**
 * The headers of a request over HTTP/2, as a flat list: a `host` becomes the authority, repeated headers are joined as
 * undici joins them.
 */
function http2Headers({ method, path, origin, headers, contentLength }: RequestHead): string[] {
  const scheme = origin.protocol === 'https:' ? 'https' : 'http'
  const fields = [':authority', origin.host, ':method', method, ':path', path, ':scheme', scheme]
  const places = new Map<string, number>()
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = (headers[index] ?? '').toLowerCase()
    const value = headers[index + 1] ?? ''
    if (name === 'host') fields[1] = value
    if (CONNECTION_HEADERS.has(name) || (name === 'te' && value !== 'trailers')) continue
    const place = places.get(name)
    if (place === undefined) {
      places.set(name, fields.length + 1)
      fields.push(name, value)
    } else {
      fields[place] += `${name === 'cookie' ? ';' : ','} ${value}`
    }
  }
  if (contentLength !== undefined && !places.has('content-length')) fields.push('content-length', String(contentLength))
  return fields
}
