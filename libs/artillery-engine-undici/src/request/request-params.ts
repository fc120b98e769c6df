import type { EngineHelpers } from '../artillery/contract.ts'
import type { BodySettings } from './request-body.ts'

/** The settings of a request step as the script has them, or as hooks have changed them. */
export interface RequestParams extends BodySettings {
  url?: string
  uri?: string
  method?: string
  name?: string
  headers?: unknown
  qs?: unknown
  searchParams?: unknown
  cookie?: unknown
  auth?: unknown
  username?: unknown
  password?: unknown
  followRedirect?: unknown
  maxRedirects?: unknown
  gzip?: unknown
  decompress?: unknown
  allowGetBody?: unknown
  timeout?: unknown
  http2?: unknown
  capture?: unknown
  match?: unknown
  beforeRequest?: unknown
  afterResponse?: unknown
  [key: string]: unknown
}

/** What resolving needs besides the request itself. */
export interface ResolutionSettings {
  template: EngineHelpers['template']
  defaultHeaders: Record<string, unknown>
  defaultCookie: Record<string, unknown> | undefined
  timeoutMs: number
  /** The current `config.target`. */
  baseUrl(): string
}
