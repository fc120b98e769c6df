import { ACCEPT_ENCODING } from '../response/decompress.ts'
import type { RequestBody } from './request-body.ts'
import type { RequestParams } from './request-params.ts'

/** Headers that undici writes itself. */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  'content-length',
  'transfer-encoding',
  'keep-alive',
  'upgrade',
  'expect',
])

const DEFAULT_USER_AGENT = 'got (https://github.com/sindresorhus/got)'

/** The headers of a request as a flat list of names and values, with those that Artillery's HTTP engine adds. */
export function requestHeaders(
  headers: Record<string, unknown>,
  params: RequestParams,
  body: RequestBody | undefined,
): string[] {
  const flat: string[] = []
  const hasCredentials = Boolean(params.username || params.password)
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || OWN_HEADERS.has(name) || (hasCredentials && name === 'authorization')) continue
    if (Array.isArray(value)) for (const item of value) flat.push(name, String(item))
    else flat.push(name, String(value))
  }
  if (headers['user-agent'] === undefined) flat.push('user-agent', DEFAULT_USER_AGENT)
  if (params.decompress && headers['accept-encoding'] === undefined) flat.push('accept-encoding', ACCEPT_ENCODING)
  if (body?.contentType !== undefined && headers['content-type'] === undefined) {
    flat.push('content-type', body.contentType)
  }
  if (body?.contentLength !== undefined) flat.push('content-length', String(body.contentLength))
  if (hasCredentials) {
    const credentials = Buffer.from(`${params.username ?? ''}:${params.password ?? ''}`).toString('base64')
    flat.push('authorization', `Basic ${credentials}`)
  }
  return flat
}
