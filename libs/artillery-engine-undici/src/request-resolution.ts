import { stringify as stringifyQuery } from 'node:querystring'
import type { EngineHelpers, VirtualUserContext } from './artillery.ts'
import { ACCEPT_ENCODING } from './decompress.ts'
import { EngineError } from './errors.ts'
import { isRecord, lowerCaseKeys } from './record.ts'
import { type BodySettings, encodeBody, type RequestBody } from './request-body.ts'
import { isStatic } from './static-value.ts'

/** The settings of a request step as the script gives them, or as hooks have changed them. */
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
  capture?: unknown
  match?: unknown
  beforeRequest?: unknown
  afterResponse?: unknown
  [key: string]: unknown
}

/** Where a request goes. */
export interface Target {
  origin: string
  path: string
  href: string
}

/** A request ready to send, but for what changes with each sending: cookies and trace headers. */
export interface ResolvedRequest {
  method: string
  name: string
  target: Target
  /** Flat names (lower case) and values. */
  headers: string[]
  body: RequestBody | undefined
  followRedirect: boolean
  maxRedirects: number
  timeoutMs: number
  /** Cookies of this request's `cookie` setting and the defaults, as `name=value`. */
  cookies: string[]
}

/** What resolving needs besides the request itself. */
export interface ResolutionSettings {
  template: EngineHelpers['template']
  defaultHeaders: Record<string, unknown>
  defaultCookie: Record<string, unknown> | undefined
  timeoutMs: number
  /** `config.target` as it is now. */
  baseUrl(): string
}

const DEFAULT_MAX_REDIRECTS = 10
const METHODS_WITHOUT_BODY: ReadonlySet<string> = new Set(['GET', 'HEAD'])

/** Puts the script's target before a URL that begins with a slash. */
export function withBaseUrl(url: string, settings: ResolutionSettings): string {
  return url.startsWith('/') ? settings.baseUrl() + url : url
}

/**
 * True where a request is the same for every virtual user and every time, so that resolving it once is enough.
 *
 * @param spec the settings as the script gives them
 */
export function isConstant(spec: RequestParams, settings: ResolutionSettings): boolean {
  return !spec.formData && isStatic(spec) && isStatic(settings.defaultHeaders) && isStatic(settings.defaultCookie)
}

/**
 * Renders the templates of a request and makes of it what goes over the wire, by the rules of Artillery's HTTP engine.
 * What was rendered is written back to `params`, where `afterResponse` hooks look for it.
 *
 * @param spec the settings as the script gives them: `qs`, `gzip` and whether there is a form are read of it alone
 * @throws EngineError for a URL or a body that can't be used
 */
export function resolveRequest(
  params: RequestParams,
  spec: RequestParams,
  method: string,
  context: VirtualUserContext,
  settings: ResolutionSettings,
): ResolvedRequest | Promise<ResolvedRequest> {
  const { template } = settings
  const render = (value: unknown): unknown => template(value, context)

  if (params.json) {
    params.json = render(params.json)
    delete params.body
  } else if (params.body) {
    params.body = render(params.body)
  }
  if (params.name) params.name = String(render(params.name))
  if (spec.form && isRecord(params.form)) params.form = renderEach(params.form, render)
  if (spec.formData && isRecord(params.formData)) params.formData = renderEach(params.formData, render)
  params.followRedirect ??= true
  params.decompress = typeof spec.gzip === 'boolean' ? spec.gzip : true
  if (spec.qs) params.searchParams = stringifyQuery(queryOf(render(spec.qs)))

  const headers = {
    ...settings.defaultHeaders,
    ...lowerCaseKeys(spec.headers),
    ...lowerCaseKeys(params.headers),
  }
  for (const [name, value] of Object.entries(headers)) headers[name] = render(value)
  params.headers = headers

  const url = withBaseUrl(String(render(params.uri || params.url)), settings)
  delete params.uri
  params.url = url
  const parsedUrl = parseUrl(url, params.searchParams)

  const cookies = Object.entries({
    ...settings.defaultCookie,
    ...(isRecord(params.cookie) && params.cookie),
  }).map(([name, value]) => `${name}=${render(value)}`)

  if (isRecord(params.auth)) {
    params.username = render(params.auth.user)
    params.password = render(params.auth.pass)
    delete params.auth
  }
  if (!params.username && !params.password && (parsedUrl.username || parsedUrl.password)) {
    params.username = decodeURIComponent(parsedUrl.username)
    params.password = decodeURIComponent(parsedUrl.password)
  }
  parsedUrl.username = ''
  parsedUrl.password = ''

  const finish = (body: RequestBody | undefined): ResolvedRequest => {
    if (body !== undefined && METHODS_WITHOUT_BODY.has(method) && !(method === 'GET' && params.allowGetBody)) {
      throw new Error(`The \`${method}\` method cannot be used with a body`)
    }
    return {
      method,
      name: params.name ?? String(spec.url ?? spec.uri),
      target: targetOfUrl(parsedUrl),
      headers: flatHeaders(headers, params, body),
      body,
      followRedirect: Boolean(params.followRedirect),
      maxRedirects: typeof params.maxRedirects === 'number' ? params.maxRedirects : DEFAULT_MAX_REDIRECTS,
      timeoutMs: typeof params.timeout === 'number' ? params.timeout * 1000 : settings.timeoutMs,
      cookies,
    }
  }
  const body = encodeBody(params, context)
  return body instanceof Promise ? body.then(finish) : finish(body)
}

function renderEach(fields: Record<string, unknown>, render: (value: unknown) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, render(value)]))
}

type QueryValue = string | number | boolean | readonly string[]

function queryOf(value: unknown): Record<string, QueryValue> {
  const query: Record<string, QueryValue> = {}
  if (!isRecord(value)) return query
  for (const [name, item] of Object.entries(value)) {
    if (Array.isArray(item)) query[name] = item.map(String)
    else if (typeof item === 'string' || typeof item === 'number' || typeof item === 'boolean') query[name] = item
    else query[name] = ''
  }
  return query
}

/** Parses the URL of a request; `searchParams` replaces the query that stands in it. */
function parseUrl(url: string, searchParams: unknown): URL {
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

/** The target of a parsed URL. */
export function targetOfUrl(url: URL): Target {
  return { origin: url.origin, path: url.pathname + url.search, href: url.href }
}

/** Headers that undici writes itself. */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  'content-length',
  'transfer-encoding',
  'keep-alive',
  'upgrade',
  'expect',
])

function flatHeaders(headers: Record<string, unknown>, params: RequestParams, body: RequestBody | undefined): string[] {
  const flat: string[] = []
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || OWN_HEADERS.has(name)) continue
    if (Array.isArray(value)) for (const item of value) flat.push(name, String(item))
    else flat.push(name, String(value))
  }
  if (headers['user-agent'] === undefined) flat.push('user-agent', 'got (https://github.com/sindresorhus/got)')
  if (params.decompress && headers['accept-encoding'] === undefined) flat.push('accept-encoding', ACCEPT_ENCODING)
  if (body?.contentType !== undefined && headers['content-type'] === undefined) {
    flat.push('content-type', body.contentType)
  }
  if (body?.contentLength !== undefined) flat.push('content-length', String(body.contentLength))
  if (params.username || params.password) {
    const credentials = Buffer.from(`${params.username ?? ''}:${params.password ?? ''}`).toString('base64')
    flat.push('authorization', `Basic ${credentials}`)
  }
  return flat
}
