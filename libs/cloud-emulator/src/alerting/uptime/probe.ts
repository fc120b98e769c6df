import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { connect } from 'node:net'
import { TLSSocket } from 'node:tls'
import { messageOf } from '@node-to-cloud/command-line'
import { timestampToMicros } from '../../protos/timestamp.ts'
import type { AllowedHosts } from '../outbound/allowed-hosts.ts'
import { contentMatches } from './content-match.ts'
import {
  CONTENT_TYPES,
  type HttpCheckMessage,
  METHODS,
  type StatusCodeMessage,
  type UptimeCheckMessage,
} from './uptime-check.ts'

const MAX_HTTP_BYTES = 4 * 1024 * 1024
const MAX_TCP_BYTES = 1024 * 1024
const MAX_REDIRECTS = 10
const DAY_MS = 86_400_000
const ANY_CLASS = 1000

/** The result of one check. */
export interface ProbeResult {
  readonly passed: boolean
  readonly contentMismatch: boolean
  /** The status of the last response; undefined if there was none, or it is not HTTP. */
  readonly status: number | undefined
  readonly latencyMs: number
  /** When the server's certificate expires. */
  readonly certificateDays: number | undefined
  /** Why the check failed; empty if it passed. */
  readonly problem: string
}

export interface ProbeOptions {
  readonly host: string
  readonly allowed: AllowedHosts
  readonly signal: AbortSignal
}

/** Makes the request of a check. It never rejects: failures are part of the result. */
export async function probe(check: UptimeCheckMessage, options: ProbeOptions): Promise<ProbeResult> {
  const startMs = performance.now()
  const timeoutMs = check.timeout ? timestampToMicros(check.timeout) / 1000 : 10_000
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(timeoutMs)])
  try {
    options.allowed.check(options.host)
    const answer = check.tcpCheck
      ? await tcpAnswer(check, check.tcpCheck.port, { ...options, signal })
      : await httpAnswer(check.httpCheck, { ...options, signal })
    const accepted = answer.status === undefined || isAccepted(answer.status, check.httpCheck)
    const matches = contentMatches(answer.text, check.contentMatchers[0])
    return {
      passed: accepted && matches,
      contentMismatch: !matches,
      status: answer.status,
      latencyMs: performance.now() - startMs,
      certificateDays: answer.certificateDays,
      problem: !accepted ? `The status is ${answer.status}.` : matches ? '' : 'The content does not match.',
    }
  } catch (error) {
    const timedOut = signal.aborted && !options.signal.aborted
    return {
      passed: false,
      contentMismatch: false,
      status: undefined,
      latencyMs: performance.now() - startMs,
      certificateDays: undefined,
      problem: timedOut ? `There was no response within ${timeoutMs / 1000} s.` : messageOf(error),
    }
  }
}

interface Answer {
  readonly status: number | undefined
  readonly text: string
  readonly certificateDays: number | undefined
}

async function httpAnswer(http: HttpCheckMessage | null | undefined, options: ProbeOptions): Promise<Answer> {
  const useSsl = http?.useSsl ?? false
  const path = http?.path ?? ''
  const port = http?.port ? `:${http.port}` : ''
  let url = new URL(
    `${useSsl ? 'https' : 'http'}://${bracketed(options.host)}${port}${path.startsWith('/') ? '' : '/'}${path}`,
  )
  for (let redirects = 0; ; redirects++) {
    options.allowed.check(url.hostname)
    const response = await send(url, http, options)
    const { statusCode: status = 0, headers } = response
    if (status < 300 || status >= 400 || headers.location === undefined || redirects >= MAX_REDIRECTS)
      return { status, text: await textOf(response, MAX_HTTP_BYTES), certificateDays: certificateDaysOf(response) }
    response.destroy()
    url = new URL(headers.location, url)
    if (!/^https?:$/.test(url.protocol)) throw new Error(`It redirects to ${url.protocol}, which is not HTTP.`)
  }
}

function send(url: URL, http: HttpCheckMessage | null | undefined, options: ProbeOptions): Promise<IncomingMessage> {
  const isPost = http?.requestMethod === METHODS.POST
  const common = {
    method: isPost ? 'POST' : 'GET',
    headers: headersOf(http, isPost),
    lookup: options.allowed.lookup,
    signal: options.signal,
    agent: false as const,
  }
  return new Promise((resolve, reject) => {
    const sending =
      url.protocol === 'https:'
        ? httpsRequest(url, { ...common, rejectUnauthorized: http?.validateSsl ?? false }, resolve)
        : httpRequest(url, common, resolve)
    sending.on('error', reject)
    sending.end(isPost ? Buffer.from(http.body) : undefined)
  })
}

function headersOf(http: HttpCheckMessage | null | undefined, isPost: boolean): Record<string, string> {
  const headers: Record<string, string> = {
    'user-agent': 'GoogleStackdriverMonitoring-UptimeChecks(https://cloud.google.com/monitoring)',
    ...http?.headers,
  }
  if (isPost)
    headers['content-type'] =
      http?.contentType === CONTENT_TYPES.USER_PROVIDED ? http.customContentType : 'application/x-www-form-urlencoded'
  if (http?.authInfo)
    headers.authorization = `Basic ${Buffer.from(`${http.authInfo.username}:${http.authInfo.password}`).toString('base64')}`
  return headers
}

async function textOf(response: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes >= maxBytes) break
  }
  return Buffer.concat(chunks).subarray(0, maxBytes).toString()
}

function certificateDaysOf({ socket }: IncomingMessage): number | undefined {
  if (!(socket instanceof TLSSocket)) return undefined
  const until = Date.parse(socket.getPeerCertificate().valid_to ?? '')
  return Number.isNaN(until) ? undefined : (until - Date.now()) / DAY_MS
}

/** Connects, and if content is expected, reads until it arrives. */
function tcpAnswer(check: UptimeCheckMessage, port: number, { host, allowed, signal }: ProbeOptions): Promise<Answer> {
  const matcher = check.contentMatchers[0]
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect({ host: host.replace(/^\[|\]$/g, ''), port, lookup: allowed.lookup, signal })
    const end = (): void => {
      socket.destroy()
      resolve({ status: undefined, text, certificateDays: undefined })
    }
    socket.once('connect', () => {
      if (!matcher?.content) end()
    })
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      if (contentMatches(text, matcher) || text.length >= MAX_TCP_BYTES) end()
    })
    socket.once('end', end)
    socket.once('error', reject)
  })
}

function isAccepted(status: number, http: HttpCheckMessage | null | undefined): boolean {
  const accepted = http?.acceptedResponseStatusCodes ?? []
  if (accepted.length === 0) return status >= 200 && status < 300
  return accepted.some((one) => includesStatus(one, status))
}

function includesStatus({ statusValue, statusClass }: StatusCodeMessage, status: number): boolean {
  if (statusClass === ANY_CLASS) return true
  return statusClass ? Math.floor(status / 100) * 100 === statusClass : statusValue === status
}

function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
}
