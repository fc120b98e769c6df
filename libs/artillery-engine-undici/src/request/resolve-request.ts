import { stringify as stringifyQuery } from 'node:querystring'
import type { VirtualUserContext } from '../artillery/contract.ts'
import { isRecord, lowerCaseKeys } from '../artillery/record.ts'
import { encodeBody, type RequestBody } from './request-body.ts'
import { requestHeaders } from './request-headers.ts'
import type { RequestParams, ResolutionSettings } from './request-params.ts'
import { isStatic } from './static-value.ts'
import { parseRequestUrl, type Target, targetOfUrl, withBaseUrl } from './target.ts'

/** A request ready to send, except for what changes with each sending: cookies and trace headers. */
export interface ResolvedRequest {
  method: string
  name: string
  target: Target
  /** A flat list of names (lower case) and values. */
  headers: string[]
  body: RequestBody | undefined
  followRedirect: boolean
  maxRedirects: number
  timeoutMs: number
  /** Offer HTTP/2 for this request, whatever `config.http.http2` says. */
  http2: boolean
  /** Cookies of this request's `cookie` setting and the defaults, as `name=value`. */
  cookies: string[]
}

type Render = (value: unknown) => unknown

const DEFAULT_MAX_REDIRECTS = 10
const METHODS_WITHOUT_BODY: ReadonlySet<string> = new Set(['GET', 'HEAD'])

/**
 * True if a request is the same for every virtual user and every time, so that it needs to be resolved only once.
 *
 * @param spec the settings as the script has them
 */
export function isConstant(spec: RequestParams, settings: ResolutionSettings): boolean {
  return !spec.formData && isStatic(spec) && isStatic(settings.defaultHeaders) && isStatic(settings.defaultCookie)
}

/**
 * Renders the templates of a request and builds what is sent, by the rules of Artillery's HTTP engine. What was
 * rendered is written back to `params`, where `afterResponse` hooks look for it.
 *
 * @param spec the settings as the script has them: `qs`, `gzip` and whether there is a form are read from it alone
 * @throws EngineError for a URL or a body that can't be used
 */
export function resolveRequest(
  params: RequestParams,
  spec: RequestParams,
  method: string,
  context: VirtualUserContext,
  settings: ResolutionSettings,
): ResolvedRequest | Promise<ResolvedRequest> {
  const render: Render = (value) => settings.template(value, context)
  renderParams(params, spec, render)
  const headers = renderHeaders(params, spec, settings, render)
  const url = resolveUrl(params, settings, render)
  const cookies = renderCookies(params, settings, render)
  resolveCredentials(params, url, render)

  const finish = (body: RequestBody | undefined): ResolvedRequest => {
    if (body !== undefined && METHODS_WITHOUT_BODY.has(method) && !(method === 'GET' && params.allowGetBody)) {
      throw new Error(`The \`${method}\` method cannot be used with a body`)
    }
    return {
      method,
      name: params.name ?? String(spec.url ?? spec.uri),
      target: targetOfUrl(url),
      headers: requestHeaders(headers, params, body),
      body,
      followRedirect: Boolean(params.followRedirect),
      maxRedirects: typeof params.maxRedirects === 'number' ? params.maxRedirects : DEFAULT_MAX_REDIRECTS,
      timeoutMs: typeof params.timeout === 'number' ? params.timeout * 1000 : settings.timeoutMs,
      http2: params.http2 === true,
      cookies,
    }
  }
  const body = encodeBody(params, context)
  return body instanceof Promise ? body.then(finish) : finish(body)
}

function renderParams(params: RequestParams, spec: RequestParams, render: Render): void {
  if (params.json) {
    params.json = render(params.json)
    delete params.body
  } else if (params.body) {
    params.body = render(params.body)
  }
  if (params.name) params.name = String(render(params.name))
  if (spec.form && params.form) params.form = renderEach(Object(params.form), render)
  if (spec.formData && isRecord(params.formData)) params.formData = renderEach(params.formData, render)
  params.followRedirect ??= true
  params.decompress = typeof spec.gzip === 'boolean' ? spec.gzip : true
  if (spec.qs) params.searchParams = queryString(render(spec.qs))
}

function renderHeaders(
  params: RequestParams,
  spec: RequestParams,
  settings: ResolutionSettings,
  render: Render,
): Record<string, unknown> {
  const headers = {
    ...settings.defaultHeaders,
    ...lowerCaseKeys(spec.headers),
    ...lowerCaseKeys(params.headers),
  }
  for (const [name, value] of Object.entries(headers)) headers[name] = render(value)
  params.headers = headers
  return headers
}

function resolveUrl(params: RequestParams, settings: ResolutionSettings, render: Render): URL {
  const url = withBaseUrl(String(render(params.uri || params.url)), settings.baseUrl)
  delete params.uri
  params.url = url
  return parseRequestUrl(url, params.searchParams)
}

function renderCookies(params: RequestParams, settings: ResolutionSettings, render: Render): string[] {
  const cookies = { ...settings.defaultCookie, ...(isRecord(params.cookie) && params.cookie) }
  return Object.entries(cookies).map(([name, value]) => `${name}=${render(value)}`)
}

/** Moves the credentials of `auth`, or of the URL, to `username` and `password`. */
function resolveCredentials(params: RequestParams, url: URL, render: Render): void {
  if (isRecord(params.auth)) {
    params.username = render(params.auth.user)
    params.password = render(params.auth.pass)
    delete params.auth
  }
  if (!params.username && !params.password && (url.username || url.password)) {
    params.username = decodeURIComponent(url.username)
    params.password = decodeURIComponent(url.password)
  }
  url.username = ''
  url.password = ''
}

function renderEach(fields: Record<string, unknown>, render: Render): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, render(value)]))
}

/** A list repeats its name; objects, null and lists in lists have no value, as in Artillery. */
function queryString(query: unknown): string {
  return isRecord(query)
    ? stringifyQuery(Object.fromEntries(Object.entries(query).map(([name, value]) => [name, queryValue(value)])))
    : ''
}

type QueryValue = string | number | boolean

function queryValue(value: unknown): QueryValue | QueryValue[] {
  return Array.isArray(value) ? value.map(queryItem) : queryItem(value)
}

function queryItem(value: unknown): QueryValue {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : ''
}
