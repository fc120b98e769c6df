import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { setTimeout as delay } from 'node:timers/promises'
import { messageOf } from '@node-to-cloud/command-line'
import { type AllowedHosts, HostRefused } from './allowed-hosts.ts'

const TIMEOUT_MS = 10_000

/** How a request ended. */
export interface PostOutcome {
  readonly sent: boolean
  /** The status, such as `200`, or why there was no response. */
  readonly detail: string
  readonly attempts: number
}

export interface PostRequest {
  readonly url: string
  readonly body: unknown
  readonly headers: Readonly<Record<string, string>>
  readonly allowed: AllowedHosts
  /** The delays before the second attempt, the third and so on. */
  readonly waitsMs: readonly number[]
  readonly signal: AbortSignal
}

/**
 * Posts JSON. The request is retried if there is no response, or one with status 429 or at least 500. Redirects are not
 * followed: they count as responses that are not 2xx.
 */
export async function postJson(options: PostRequest): Promise<PostOutcome> {
  const { url, waitsMs, signal, allowed } = options
  let detail = ''
  for (let attempt = 1; attempt <= waitsMs.length + 1; attempt++) {
    try {
      allowed.check(new URL(url).hostname)
      const status = await postOnce(options)
      detail = String(status)
      if (status >= 200 && status < 300) return { sent: true, detail, attempts: attempt }
      if (status !== 429 && status < 500) return { sent: false, detail, attempts: attempt }
    } catch (error) {
      detail = messageOf(error)
      if (error instanceof HostRefused || signal.aborted) return { sent: false, detail, attempts: attempt }
    }
    const waitMs = waitsMs[attempt - 1]
    if (waitMs !== undefined) await delay(waitMs, undefined, { ref: false, signal }).catch(() => {})
  }
  return { sent: false, detail, attempts: waitsMs.length + 1 }
}

function postOnce({ url, body, headers, allowed, signal }: PostRequest): Promise<number> {
  const request = new URL(url).protocol === 'https:' ? httpsRequest : httpRequest
  const bytes = Buffer.from(JSON.stringify(body))
  return new Promise((resolve, reject) => {
    const sending = request(
      url,
      {
        method: 'POST',
        lookup: allowed.lookup,
        timeout: TIMEOUT_MS,
        signal,
        agent: false,
        headers: { ...headers, 'content-type': 'application/json; charset=utf-8', 'content-length': bytes.length },
      },
      (response) => {
        response.resume()
        response.on('error', () => {})
        response.once('close', () => {})
        resolve(response.statusCode ?? 0)
        response.destroy()
      },
    )
    sending.on('timeout', () => sending.destroy(new Error(`No response within ${TIMEOUT_MS / 1000} s.`)))
    sending.on('error', reject)
    sending.end(bytes)
  })
}
