import type { HostRules } from '@node-to-cloud/browser-kit'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Problem } from '../contract/api.ts'
import type { Attempts } from '../security/attempts.ts'
import { SESSION_SECONDS, Sessions } from '../security/session.ts'
import { isToken } from '../security/token.ts'
import { STYLE_PATHS } from './ui-routes.ts'

export interface AccessOptions {
  readonly token: string
  readonly hosts: HostRules
  readonly attempts: Attempts
}

const PUBLIC_PATHS = new Set(['/login', '/favicon.svg', ...STYLE_PATHS])
/** Pages to which a link of another site may lead. */
const ENTRY_PATHS = new Set(['/', '/login'])
const COOKIE_NAME = 'loadtester_session'

const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-store',
}

/**
 * Guards every route. A browser's Host must be known and its Origin its own, and every client needs the token, as a Bearer
 * header, or a session, as the cookie that `/login` and `/?token=…` set. After too many wrong tokens and cookies, further
 * ones are answered with 429 for a while.
 */
export function guardAccess(app: FastifyInstance, { token, hosts, attempts }: AccessOptions): void {
  const sessions = new Sessions(token)
  const tooMany = (reply: FastifyReply): FastifyReply =>
    refuse(reply, 429, 'ERR_TOO_MANY_ATTEMPTS', 'Too many wrong tokens; wait a moment.')

  app.addHook('onRequest', async (request, reply) => {
    reply.headers(SECURITY_HEADERS)
    const { headers, url, method } = request
    const path = url.split('?', 1)[0] ?? '/'
    const bearer = bearerOf(headers.authorization)
    if (bearer !== undefined) {
      if (isToken(bearer, token)) return undefined
      return attempts.fail() ? tooMany(reply) : unauthorized(reply)
    }
    if (!hosts.isHostAllowed(headers.host)) {
      const host = JSON.stringify(headers.host ?? '')
      return refuse(reply, 421, 'ERR_HOST_NOT_ALLOWED', `Host ${host} is not allowed; add it to LOAD_ALLOWED_HOSTS.`)
    }
    if (!hosts.isOriginAllowed(headers.origin, headers.host) || isForeign(request, path))
      return refuse(reply, 403, 'ERR_ORIGIN_NOT_ALLOWED', 'Requests from other sites are not allowed.')
    if (PUBLIC_PATHS.has(path)) return undefined
    const inUrl = path === '/' ? (new URL(url, 'http://localhost').searchParams.get('token') ?? undefined) : undefined
    if (isToken(inUrl, token)) return reply.header('set-cookie', cookie(request, sessions.begin())).redirect('/')
    const sessionId = cookieOf(request)
    if (sessionId !== undefined && sessions.has(sessionId)) return undefined
    if ((inUrl !== undefined || sessionId !== undefined) && attempts.fail()) return tooMany(reply)
    if (method === 'GET' && (headers.accept ?? '').includes('text/html')) return reply.redirect('/login')
    return unauthorized(reply)
  })

  app.post<{ Body: { token?: unknown } | undefined }>('/login', async (request, reply) => {
    const given = request.body?.token
    if (isToken(typeof given === 'string' ? given.trim() : undefined, token))
      return reply.header('set-cookie', cookie(request, sessions.begin())).redirect('/', 303)
    return attempts.fail() ? tooMany(reply) : reply.redirect('/login?wrong=1', 303)
  })
}

/** The token in an Authorization header. */
export function bearerOf(authorization: string | undefined): string | undefined {
  return /^Bearer (.+)$/.exec(authorization ?? '')?.[1]
}

/** Whether a page of another site sent the request, or one on another port of the same host; links to the console are allowed. */
function isForeign({ headers, method }: FastifyRequest, path: string): boolean {
  const site = headers['sec-fetch-site']
  if (site !== 'cross-site' && site !== 'same-site') return false
  return !(method === 'GET' && ENTRY_PATHS.has(path))
}

function unauthorized(reply: FastifyReply): FastifyReply {
  return refuse(
    reply.header('www-authenticate', 'Bearer'),
    401,
    'ERR_UNAUTHORIZED',
    'The token is missing or wrong; send it as "Authorization: Bearer …". The load tester logs where it is when it starts.',
  )
}

function refuse(reply: FastifyReply, status: number, error: string, message: string): FastifyReply {
  return reply.code(status).send({ error, message } satisfies Problem)
}

function cookie(request: FastifyRequest, sessionId: string): string {
  return `${cookieName(request)}=${sessionId}; HttpOnly; SameSite=Strict; Path=/; Max-Age=${SESSION_SECONDS}`
}

function cookieOf(request: FastifyRequest): string | undefined {
  const prefix = `${cookieName(request)}=`
  const part = (request.headers.cookie ?? '').split(/;\s*/).find((candidate) => candidate.startsWith(prefix))
  return part?.slice(prefix.length)
}

/** Cookies are shared between ports, so the name contains the port: load testers on one host must not sign each other out. */
function cookieName(request: FastifyRequest): string {
  return `${COOKIE_NAME}_${request.socket.localPort ?? 0}`
}
