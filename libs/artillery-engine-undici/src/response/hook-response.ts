import type { Exchange } from './exchange.ts'
import type { ResponseHeaders } from './raw-headers.ts'

/** A response as `afterResponse` hooks see it. */
export interface HookResponse {
  statusCode: number
  statusMessage: string
  headers: ResponseHeaders
  body: string
  url: string
  /** In fractional milliseconds. */
  timings: { phases: { firstByte: number; download: number; total: number } }
}

/** The response of an exchange that has ended, for `afterResponse` hooks. */
export function hookResponse(exchange: Exchange, url: string, headers: ResponseHeaders, body: string): HookResponse {
  return {
    statusCode: exchange.statusCode,
    statusMessage: exchange.statusText,
    headers,
    body,
    url,
    timings: {
      phases: {
        firstByte: exchange.timeToFirstByteMs ?? 0,
        download: exchange.endedAtMs - exchange.headAtMs,
        total: exchange.responseTimeMs,
      },
    },
  }
}
