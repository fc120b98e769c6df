import type { Attributes, AttributeValue } from '../contract/traces.ts'

/** The HTTP request that started a trace, according to its spans. */
export interface HttpRequest {
  readonly path: string | undefined
  readonly statusCode: number | undefined
}

/**
 * By OpenTelemetry's semantic conventions, stable and older, and by Cloud Trace's own labels; the first one that a span
 * has is used.
 */
const PATHS = ['url.path', 'http.target', 'http.route', '/http/path'] as const
const URLS = ['url.full', 'http.url', '/http/url'] as const
const STATUS_CODES = ['http.response.status_code', 'http.status_code', '/http/status_code'] as const

/** The request of the first span with request attributes; spans are in order of their start. */
export function httpRequestOf(spans: Iterable<{ readonly attributes: Attributes }>): HttpRequest {
  let path: string | undefined
  let statusCode: number | undefined
  for (const { attributes } of spans) {
    path ??= pathOf(attributes)
    statusCode ??= statusCodeOf(attributes)
    if (path !== undefined && statusCode !== undefined) break
  }
  return { path, statusCode }
}

function pathOf(attributes: Attributes): string | undefined {
  const path = firstOf(attributes, PATHS)
  if (path !== undefined) return String(path).split('?', 1)[0]
  const url = firstOf(attributes, URLS)
  return url === undefined ? undefined : (URL.parse(String(url))?.pathname ?? undefined)
}

function statusCodeOf(attributes: Attributes): number | undefined {
  const code = Number(firstOf(attributes, STATUS_CODES))
  return Number.isInteger(code) && code >= 100 && code <= 599 ? code : undefined
}

function firstOf(attributes: Attributes, keys: readonly string[]): AttributeValue | undefined {
  for (const key of keys) if (Object.hasOwn(attributes, key)) return attributes[key]
  return undefined
}
