import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { HostPolicy } from '../security/host-check.ts'
import { isToken } from '../security/token.ts'
import { styleSheets } from './ui-routes.ts'

export interface AccessOptions {
  readonly token: string
  readonly hosts: HostPolicy
}

const publicPaths = new Set(['/login', '/favicon.svg', ...styleSheets.map((name) => `/ui/${name}`)])
const maximumFailures = 20
const failureWindowMs = 10_000

/**
 * Guards every route: a browser's Host must be known and its Origin its own; everybody needs the token, as a Bearer
 * header or as the cookie that `/login` and `/?token=…` set. Too many wrong tokens are answered with 429 for a while.
 */
export function guardAccess(app: FastifyInstance, options: AccessOptions): void {
  const { token, hosts } = options
  let failures = 0
  let windowStart = 0

  const isTooOften = (): boolean => {
    const now = performance.now()
    if (now - windowStart > failureWindowMs) {
      windowStart = now
      failures = 0
    }
    failures++
    return failures > maximumFailures
  }
  const failed = (reply: FastifyReply): FastifyReply => {
    if (isTooOften())
      return reply.code(429).send({ error: 'TOO_MANY_WRONG_TOKENS', message: 'Too many wrong tokens; wait a moment.' })
    return reply.code(401).header('www-authenticate', 'Bearer').send({
      error: 'UNAUTHORIZED',
      message:
        'The token is missing or wrong; send it as "Authorization: Bearer …". The load tester printed it, with its URL, at its start.',
    })
  }

  app.addHook('onRequest', async (request, reply) => {
    reply.headers(securityHeaders)
    const path = request.url.split('?', 1)[0] ?? '/'
    const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
    if (bearer !== undefined) return isToken(bearer, token) ? undefined : failed(reply)
    if (!hosts.isHostAllowed(request.headers.host)) {
      return reply.code(421).send({
        error: 'HOST_NOT_ALLOWED',
        message: `Host ${JSON.stringify(request.headers.host ?? '')} is not allowed; add its name to LOAD_ALLOWED_HOSTS.`,
      })
    }
    if (
      !hosts.isOriginAllowed(request.headers.origin, request.headers.host) ||
      (request.headers['sec-fetch-site'] === 'cross-site' && path !== '/')
    ) {
      return reply.code(403).send({ error: 'ORIGIN_NOT_ALLOWED', message: 'Requests of another site are not allowed.' })
    }
    if (publicPaths.has(path)) return undefined
    const inUrl = path === '/' ? new URL(request.url, 'http://localhost').searchParams.get('token') : null
    if (inUrl !== null && isToken(inUrl, token)) return reply.header('set-cookie', cookie(request, token)).redirect('/')
    if (isToken(cookieOf(request), token)) return undefined
    if (request.method === 'GET' && (request.headers.accept ?? '').includes('text/html'))
      return reply.redirect('/login')
    return failed(reply)
  })

  app.post<{ Body: { token?: unknown } | undefined }>('/login', async (request, reply) => {
    const given = request.body?.token
    if (!isToken(typeof given === 'string' ? given.trim() : undefined, token))
      return isTooOften() ? failed(reply) : reply.redirect('/login?wrong=1', 303)
    return reply.header('set-cookie', cookie(request, token)).redirect('/', 303)
  })
}

const cookieName = 'loadtester_token'

const securityHeaders = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-store',
} as const

function cookie(request: FastifyRequest, token: string): string {
  // Ports share cookies: the name carries this one, so that two load testers don't push each other out.
  return `${cookieName}_${portOf(request)}=${encodeURIComponent(token)}; HttpOnly; SameSite=Strict; Path=/; Max-Age=2592000`
}

function cookieOf(request: FastifyRequest): string | undefined {
  const name = `${cookieName}_${portOf(request)}=`
  const part = (request.headers.cookie ?? '').split(/;\s*/).find((candidate) => candidate.startsWith(name))
  try {
    return part === undefined ? undefined : decodeURIComponent(part.slice(name.length))
  } catch {
    return undefined
  }
}

function portOf(request: FastifyRequest): number {
  return request.socket.localPort ?? 0
}
