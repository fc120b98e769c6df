import { readFile } from 'node:fs/promises'
import { messageOf } from '@node-to-cloud/command-line'
import type { Authorization, Secret } from '../config/scrape-config.ts'
import type { ScrapeTarget } from './scrape-target.ts'

/** Limit of a response, unless the job has a smaller one. */
const MAX_BODY_BYTES = 128 * 1024 * 1024

const ACCEPT =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1'

export interface ScrapeAnswer {
  readonly body: string
  readonly contentType: string | null
}

/**
 * A target did not answer in time, or its response is not usable: it is too large, not UTF-8, or its status is not 200.
 */
export class ScrapeError extends Error {
  readonly code = 'ERR_SCRAPE'

  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ScrapeError'
  }
}

/** Requests the metrics of a target. Throws a {@link ScrapeError}. */
export async function requestScrape(
  target: ScrapeTarget,
  options: { readonly version: string; readonly signal: AbortSignal },
): Promise<ScrapeAnswer> {
  const { job, url } = target
  const timeout = AbortSignal.timeout(job.timeoutMs)
  const headers: Record<string, string> = {
    Accept: ACCEPT,
    'Accept-Encoding': 'gzip',
    'User-Agent': `prometheus-sidecar/${options.version}`,
    'X-Prometheus-Scrape-Timeout-Seconds': String(job.timeoutMs / 1000),
  }
  try {
    if (job.authorization !== undefined) headers.Authorization = await authorizationHeader(job.authorization)
    const response = await fetch(url, {
      headers,
      redirect: job.followRedirects ? 'follow' : 'manual',
      signal: AbortSignal.any([timeout, options.signal]),
    })
    if (response.status !== 200) {
      await response.body?.cancel()
      throw new ScrapeError(`${url} answered with status ${response.status}`)
    }
    const limit = Math.min(job.bodySizeLimitBytes || MAX_BODY_BYTES, MAX_BODY_BYTES)
    return { body: await readBody(response, limit, url), contentType: response.headers.get('content-type') }
  } catch (error) {
    if (error instanceof ScrapeError) throw error
    if (timeout.aborted)
      throw new ScrapeError(`${url} did not answer within ${job.timeoutMs / 1000} s`, { cause: error })
    throw new ScrapeError(`${url}: ${reasonOf(error)}`, { cause: error })
  }
}

async function readBody(response: Response, limit: number, url: string): Promise<string> {
  const chunks: Uint8Array[] = []
  let length = 0
  if (response.body !== null) {
    for await (const chunk of response.body) {
      length += chunk.length
      if (length > limit) throw new ScrapeError(`${url} answered with more than ${limit} bytes`)
      chunks.push(chunk)
    }
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks, length))
  } catch (cause) {
    throw new ScrapeError(`${url} answered with bytes that are not UTF-8`, { cause })
  }
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

/** The reason behind fetch's "fetch failed". */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  if (cause instanceof Error && cause.message !== '') return cause.message
  if (cause instanceof Error && 'code' in cause) return String(cause.code)
  return messageOf(error)
}
