import { readFile } from 'node:fs/promises'
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { PrometheusFlags } from '../config/flags.ts'
import { isJsonObject } from '../model/json-object.ts'

/** Prometheus did not answer, or answered with an error. */
export class PrometheusApiError extends Error {
  readonly code = 'ERR_PROMETHEUS_API'
  /** The HTTP status, if there was a response. */
  readonly status: number | undefined
  /** Prometheus' `errorType`, such as `bad_data` or `not_found`; undefined if the response was not Prometheus' own. */
  readonly errorType: string | undefined

  constructor(message: string, options: ErrorOptions & { readonly status?: number; readonly errorType?: string } = {}) {
    super(message, options)
    this.name = 'PrometheusApiError'
    this.status = options.status
    this.errorType = options.errorType
  }
}

const MAX_RESPONSE_BYTES = 256 * 1024 * 1024
const MAX_REASON_BYTES = 500

/**
 * A client of Prometheus' HTTP API (`/api/v1`), with TLS, basic auth, a bearer token and a route prefix according to
 * the flags.
 */
export class PrometheusApi {
  readonly #flags: PrometheusFlags
  readonly #agent: HttpAgent | HttpsAgent

  constructor(flags: PrometheusFlags) {
    this.#flags = flags
    const options = { keepAlive: true, maxSockets: 8, timeout: 30_000 }
    this.#agent = flags.url.protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options)
  }

  /** Requests `api/v1/…` below the route prefix and returns its `data`. Throws a {@link PrometheusApiError}. */
  async get(
    path: string,
    query: Readonly<Record<string, string>> = {},
    { timeoutMs }: { readonly timeoutMs: number } = { timeoutMs: 10_000 },
  ): Promise<unknown> {
    const url = new URL(path.replace(/^\//, ''), this.#flags.url)
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
    const { status, body } = await this.#request(url, AbortSignal.timeout(timeoutMs))
    let answer: unknown
    try {
      answer = JSON.parse(body.toString('utf8'))
    } catch (cause) {
      const advice =
        status === 401 || status === 403
          ? '; check --prometheus.username and --prometheus.password-file, or --prometheus.bearer-token-file'
          : ' without JSON; check --prometheus.api-address'
      throw new PrometheusApiError(`${url.origin}${url.pathname} answered ${status}${advice}`, { cause, status })
    }
    if (isJsonObject(answer) && answer.status === 'success') return answer.data
    const { error, errorType } = isJsonObject(answer) ? answer : {}
    const reason = typeof error === 'string' ? error : `status ${status}`
    throw new PrometheusApiError(`${url.origin}${url.pathname} answered: ${reason}`, {
      status,
      ...(typeof errorType === 'string' ? { errorType } : {}),
    })
  }

  /** Posts a body to `api/v1/…` and returns that of the response. Throws a {@link PrometheusApiError}. */
  async post(
    path: string,
    content: Buffer,
    { headers, timeoutMs }: { readonly headers: Readonly<Record<string, string>>; readonly timeoutMs: number },
  ): Promise<Buffer> {
    const url = new URL(path.replace(/^\//, ''), this.#flags.url)
    const { status, body } = await this.#request(url, AbortSignal.timeout(timeoutMs), { content, headers })
    if (status === 200) return body
    const reason = body.toString('utf8', 0, MAX_REASON_BYTES).trim()
    throw new PrometheusApiError(`${url.origin}${url.pathname} answered ${status}: ${reason}`, { status })
  }

  close(): void {
    this.#agent.destroy()
  }

  async #request(
    url: URL,
    signal: AbortSignal,
    post?: { readonly content: Buffer; readonly headers: Readonly<Record<string, string>> },
  ): Promise<{ readonly status: number; readonly body: Buffer }> {
    try {
      const headers = { Accept: 'application/json', ...post?.headers, ...(await this.#authorization()) }
      const ca = await this.#certificateAuthority()
      const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
      const send = url.protocol === 'https:' ? httpsRequest : httpRequest
      const method = post === undefined ? 'GET' : 'POST'
      send(url, { method, headers, signal, agent: this.#agent, ...(ca === undefined ? {} : { ca }) })
        .on('response', resolve)
        .on('error', reject)
        .end(post?.content)
      const response = await promise
      return { status: response.statusCode ?? 0, body: await readBody(response) }
    } catch (error) {
      if (error instanceof PrometheusApiError) throw error
      const reason = signal.aborted ? 'it did not answer in time' : describe(error)
      throw new PrometheusApiError(`Prometheus at ${url.origin}: ${reason}`, { cause: error })
    }
  }

  /** Read for each request, like the password: it may be renewed while the sidecar runs. */
  async #certificateAuthority(): Promise<Buffer | undefined> {
    const { url, caFile } = this.#flags
    return caFile === '' || url.protocol !== 'https:' ? undefined : await readFile(caFile)
  }

  async #authorization(): Promise<Readonly<Record<string, string>>> {
    const { username, passwordFile, bearerTokenFile } = this.#flags
    if (bearerTokenFile !== '') return { Authorization: `Bearer ${(await readFile(bearerTokenFile, 'utf8')).trim()}` }
    if (username === '') return {}
    const password = (await readFile(passwordFile, 'utf8')).trim()
    return { Authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` }
  }
}

/** OpenSSL's codes for an untrusted certificate. */
const UNTRUSTED = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_SIGNATURE_FAILURE',
])

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error ? String(error.code) : ''
  if (UNTRUSTED.has(code)) {
    return `its certificate is not trusted (${error.message}); set --prometheus.ca-file to the certificate of the CA that signed it`
  }
  return error.message
}

async function readBody(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of response) {
    if (!(chunk instanceof Buffer)) continue
    length += chunk.length
    if (length > MAX_RESPONSE_BYTES)
      throw new PrometheusApiError(`the response is larger than ${MAX_RESPONSE_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, length)
}
