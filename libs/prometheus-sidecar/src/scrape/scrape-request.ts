import { isUtf8 } from 'node:buffer'
import { readFile } from 'node:fs/promises'
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { messageOf } from '@node-to-cloud/command-line'
import type { Authorization, Secret } from '../config/scrape-config.ts'
import { BodyBuffer } from './body-buffer.ts'
import type { ScrapeTarget } from './scrape-target.ts'

/** Limit of a response, unless the job has a smaller one. */
const MAX_BODY_BYTES = 128 * 1024 * 1024
const MAX_REDIRECTS = 10
/** Of targets that respond at the same time. */
const MAX_KEPT_BUFFERS = 4

const ACCEPT =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1'

/** The response of a target. */
export interface ScrapeResponse {
  /** Bytes that are not UTF-8 become lone surrogates. */
  readonly body: string
  readonly contentType: string | undefined
}

/** A target did not answer in time, or its response is unusable: it is too large, or its status is not 200. */
export class ScrapeError extends Error {
  readonly code = 'ERR_SCRAPE'

  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ScrapeError'
  }
}

/** Requests the metrics of targets, over persistent connections. */
export class ScrapeClient {
  readonly #version: string
  /** Not in use. */
  readonly #buffers: BodyBuffer[] = []
  readonly #agents = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) }

  constructor(version: string) {
    this.#version = version
  }

  close(): void {
    this.#agents.http.destroy()
    this.#agents.https.destroy()
  }

  /** Requests the metrics of a target. Throws a {@link ScrapeError}. */
  async request(target: ScrapeTarget, abort: AbortSignal): Promise<ScrapeResponse> {
    const { job, url } = target
    const timeout = AbortSignal.timeout(job.timeoutMs)
    const signal = AbortSignal.any([timeout, abort])
    try {
      const response = await this.#follow(target, signal)
      if (response.statusCode !== 200) {
        response.destroy()
        throw new ScrapeError(`${url} answered with status ${response.statusCode}`)
      }
      const limit = Math.min(job.bodySizeLimitBytes || MAX_BODY_BYTES, MAX_BODY_BYTES)
      return { body: await this.#readBody(response, limit, url), contentType: response.headers['content-type'] }
    } catch (error) {
      if (error instanceof ScrapeError) throw error
      if (timeout.aborted)
        throw new ScrapeError(`${url} did not answer within ${job.timeoutMs / 1000} s`, { cause: error })
      throw new ScrapeError(`${url}: ${reasonOf(error)}`, { cause: error })
    }
  }

  async #readBody(response: IncomingMessage, limit: number, url: string): Promise<string> {
    const body = this.#buffers.pop() ?? new BodyBuffer()
    for await (const chunk of decoded(response, url)) {
      if (body.length + chunk.length > limit) throw new ScrapeError(`${url} answered with more than ${limit} bytes`)
      body.append(chunk)
    }
    const text = decodeText(body.bytes)
    if (this.#buffers.length < MAX_KEPT_BUFFERS && body.clear()) this.#buffers.push(body)
    return text
  }

  /** Like Go's client, it does not send credentials to another origin. */
  async #follow({ job, url }: ScrapeTarget, signal: AbortSignal): Promise<IncomingMessage> {
    const headers: Record<string, string> = {
      Accept: ACCEPT,
      'Accept-Encoding': 'gzip',
      'User-Agent': `prometheus-sidecar/${this.#version}`,
      'X-Prometheus-Scrape-Timeout-Seconds': String(job.timeoutMs / 1000),
    }
    if (job.authorization !== undefined) headers.Authorization = await authorizationHeader(job.authorization)
    let here = new URL(url)
    for (let redirects = 0; ; redirects++) {
      const response = await this.#get(here, headers, signal)
      const { location } = response.headers
      if (!job.followRedirects || location === undefined || !isRedirect(response.statusCode)) return response
      response.resume()
      if (redirects === MAX_REDIRECTS) throw new ScrapeError(`${url} redirects more than ${MAX_REDIRECTS} times`)
      const next = URL.canParse(location, here.href) ? new URL(location, here) : undefined
      if (next?.protocol !== 'http:' && next?.protocol !== 'https:') {
        throw new ScrapeError(`${url} redirects to ${JSON.stringify(location)}, which can't be requested`)
      }
      if (next.origin !== here.origin) delete headers.Authorization
      here = next
    }
  }

  #get(url: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
    // Like Go's client: handwritten exporters end header lines with a bare line feed.
    const options = { headers, signal, insecureHTTPParser: true }
    const request =
      url.protocol === 'https:'
        ? httpsRequest(url, { ...options, agent: this.#agents.https })
        : httpRequest(url, { ...options, agent: this.#agents.http })
    request.on('response', resolve).on('error', reject).end()
    return promise
  }
}

function isRedirect(status: number | undefined): boolean {
  return status !== undefined && [301, 302, 303, 307, 308].includes(status)
}

/** A response that ends too early makes the stream fail, compressed or not. */
function decoded(response: IncomingMessage, url: string): Readable {
  const encoding = response.headers['content-encoding']?.toLowerCase() ?? 'identity'
  if (encoding === 'identity' || encoding === '') return response
  if (encoding !== 'gzip' && encoding !== 'x-gzip') {
    throw new ScrapeError(`${url} answered with the content encoding ${encoding}; only gzip is supported`)
  }
  const gunzip = createGunzip()
  response.on('error', (error) => gunzip.destroy(error))
  return response.pipe(gunzip)
}

const REPLACEMENT_CHARACTER = '\ufffd'
const LONE_SURROGATE = '\ud800'
const LINE_FEED = 10

/** Decodes UTF-8; bytes that can't be decoded become a lone surrogate. */
function decodeText(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString()
  const lines: string[] = []
  for (let start = 0; start < bytes.length; ) {
    const lineFeed = bytes.indexOf(LINE_FEED, start)
    const end = lineFeed < 0 ? bytes.length : lineFeed + 1
    const line = bytes.subarray(start, end)
    lines.push(isUtf8(line) ? line.toString() : line.toString().replaceAll(REPLACEMENT_CHARACTER, LONE_SURROGATE))
    start = end
  }
  return lines.join('')
}

/** The value of an Authorization header. */
export async function authorizationHeader(authorization: Authorization): Promise<string> {
  if (authorization.type === 'header') return `${authorization.scheme} ${await readSecret(authorization.credentials)}`
  const credentials = `${authorization.username}:${await readSecret(authorization.password)}`
  return `Basic ${Buffer.from(credentials).toString('base64')}`
}

async function readSecret(secret: Secret): Promise<string> {
  return 'value' in secret ? secret.value : (await readFile(secret.file, 'utf8')).trim()
}

/** Codes are more informative than messages such as "aborted" or an empty one. */
function reasonOf(error: unknown): string {
  const message = messageOf(error)
  if (message === 'aborted') return 'the response ended too early'
  return message === '' && error instanceof Error && 'code' in error ? String(error.code) : message
}
