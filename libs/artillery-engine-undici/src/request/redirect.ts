import { withoutHeader } from './header-list.ts'
import type { ResolvedRequest } from './resolve-request.ts'
import { targetOfUrl } from './target.ts'

const REDIRECT_CODES: ReadonlySet<number> = new Set([300, 301, 302, 303, 304, 307, 308])
const CREDENTIAL_HEADERS = ['host', 'cookie', 'authorization'] as const
const BODY_HEADERS = ['content-length', 'content-type'] as const

/** True if a response redirects to its `location`. */
export function isRedirect(statusCode: number, location: string | undefined): location is string {
  return location !== undefined && location !== '' && REDIRECT_CODES.has(statusCode)
}

/**
 * The request that follows a redirect, by the rules of Artillery's HTTP engine: 303 becomes a GET without a body, any
 * other code repeats method and body; credentials are not sent to another host.
 *
 * @throws TypeError for a `location` that is not a URL
 */
export function redirectedRequest(request: ResolvedRequest, statusCode: number, location: string): ResolvedRequest {
  const from = new URL(request.target.href)
  const to = new URL(Buffer.from(location, 'latin1').toString(), from)
  if (to.protocol !== 'http:' && to.protocol !== 'https:')
    throw new TypeError(`Can't follow a redirect to ${to.protocol}`)
  let { method, body, headers } = request
  if (statusCode === 303 && method !== 'GET' && method !== 'HEAD') {
    method = 'GET'
    body = undefined
    for (const name of BODY_HEADERS) headers = withoutHeader(headers, name)
  }
  if (to.hostname !== from.hostname || to.port !== from.port) {
    for (const name of CREDENTIAL_HEADERS) headers = withoutHeader(headers, name)
  }
  return { ...request, method, body, headers, target: targetOfUrl(to), cookies: [] }
}
