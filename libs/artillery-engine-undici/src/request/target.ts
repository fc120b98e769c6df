import { EngineError } from '../artillery/errors.ts'

/** Where a request is sent. */
export interface Target {
  origin: string
  path: string
  href: string
}

/** Puts the script's target before a URL that begins with a slash. */
export function withBaseUrl(url: string, baseUrl: () => string): string {
  return url.startsWith('/') ? baseUrl() + url : url
}

/**
 * Parses the URL of a request.
 *
 * @param searchParams replaces the query of the URL
 * @throws EngineError ERR_INVALID_URL
 */
export function parseRequestUrl(url: string, searchParams: unknown): URL {
  if (!url.startsWith('http')) throw new Error(`Invalid URL - ${url}`)
  let parsed: URL
  try {
    parsed = new URL(url)
  } catch (cause) {
    throw new EngineError('ERR_INVALID_URL', `Invalid URL - ${url}`, { cause })
  }
  if (typeof searchParams === 'string') parsed.search = new URLSearchParams(searchParams).toString()
  return parsed
}

/** The target of a URL that is already parsed. */
export function targetOfUrl(url: URL): Target {
  return { origin: url.origin, path: url.pathname + url.search, href: url.href }
}
