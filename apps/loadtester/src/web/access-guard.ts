import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Problem } from '../contract/api.ts'
import type { HostPolicy } from '../security/host-check.ts'
import { isToken } from '../security/token.ts'
import { STYLE_SHEETS } from './ui-routes.ts'

export interface AccessOptions {
  readonly token: string
  readonly hosts: HostPolicy
}

const PUBLIC_PATHS = new Set(['/login', '/favicon.svg', ...STYLE_SHEETS.map((name) => `/ui/${name}`)])
const MAXIMUM_FAILURES = 20
const FAILURE_WINDOW_MS = 10_000
const COOKIE_NAME = 'loadtester_token'
const COOKIE_SECONDS = 30 * 86_400

const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-store',
} as const

/**
 * Guards every route. A browser's Host must be known and its Origin its own, and every client needs the token: as a
 * Bearer header, or as the cookie that `/login` and `/?token=…` set. After too many wrong tokens, all are answered with
 * 429 for a while.
 */
export function guardAccess(app: FastifyInstance, { token, hosts }: AccessOptions): void {
  const throttle = new Throttle()
  const unauthorized = (reply: FastifyReply): FastifyReply =>
    throttle.isExceeded()
      ? refuse(reply, 429, 'ERR_TOO_MANY_ATTEMPTS', 'Too many wrong tokens; wait a moment.')
      : refuse(
          reply.header('www-authenticate', 'Bearer'),
          401,
          'ERR_UNAUTHORIZED',
          'The token is missing or wrong; send it as "Authorization: Bearer …". The load tester logs where it is when it starts.',
        )

  app.addHook('onRequest', async (request, reply) => {
    reply.headers(SECURITY_HEADERS)
    const { headers, url, method } = request
    const path = url.split('?', 1)[0] ?? '/'
    const bearer = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1]
    if (bearer !== undefined) return isToken(bearer, token) ? undefined : unauthorized(reply)
    if (!hosts.isHostAllowed(headers.host)) {
      const host = JSON.stringify(headers.host ?? '')
      return refuse(reply, 421, 'ERR_HOST_NOT_ALLOWED', `Host ${host} is not allowed; add it to LOAD_ALLOWED_HOSTS.`)
    }
    const isCrossSite = headers['sec-fetch-site'] === 'cross-site' && path !== '/'
    if (isCrossSite || !hosts.isOriginAllowed(headers.origin, headers.host))
      return refuse(reply, 403, 'ERR_ORIGIN_NOT_ALLOWED', 'Requests from other sites are not allowed.')
    if (PUBLIC_PATHS.has(path)) return undefined
    const inUrl = path === '/' ? (new URL(url, 'http://localhost').searchParams.get('token') ?? undefined) : undefined
    if (isToken(inUrl, token)) return reply.header('set-cookie', cookie(request, token)).redirect('/')
    if (isToken(cookieOf(request), token)) return undefined
    if (method === 'GET' && (headers.accept ?? '').includes('text/html')) return reply.redirect('/login')
    return unauthorized(reply)
  })

  app.post<{ Body: { token?: unknown } | undefined }>('/login', async (request, reply) => {
    const given = request.body?.token
    if (isToken(typeof given === 'string' ? given.trim() : undefined, token))
      return reply.header('set-cookie', cookie(request, token)).redirect('/', 303)
    return throttle.isExceeded() ? unauthorized(reply) : reply.redirect('/login?wrong=1', 303)
  })
}

/** Limits attempts to guess the token. */
class Throttle {
  #failures = 0
  #windowStart = 0

  /** Counts a failed attempt. */
  isExceeded(): boolean {
    const now = performance.now()
    if (now - this.#windowStart > FAILURE_WINDOW_MS) {
      this.#windowStart = now
      this.#failures = 0
    }
    this.#failures++
    return this.#failures > MAXIMUM_FAILURES
  }
}

function refuse(reply: FastifyReply, status: number, error: string, message: string): FastifyReply {
  return reply.code(status).send({ error, message } satisfies Problem)
}

function cookie(request: FastifyRequest, token: string): string {
  return `${cookieName(request)}=${encodeURIComponent(token)}; HttpOnly; SameSite=Strict; Path=/; Max-Age=${COOKIE_SECONDS}`
}

function cookieOf(request: FastifyRequest): string | undefined {
  const prefix = `${cookieName(request)}=`
  const part = (request.headers.cookie ?? '').split(/;\s*/).find((candidate) => candidate.startsWith(prefix))
  try {
    return part === undefined ? undefined : decodeURIComponent(part.slice(prefix.length))
  } catch {
    return undefined
  }
}

/** Cookies are shared between ports, so the name contains the port: load testers on one host must not sign each other out. */
function cookieName(request: FastifyRequest): string {
  return `${COOKIE_NAME}_${request.socket.localPort ?? 0}`
}
