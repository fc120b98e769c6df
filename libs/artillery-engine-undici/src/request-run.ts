import { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import type { ArtilleryEvents, CaptureResult, EngineHelpers, VirtualUserContext } from './artillery.ts'
import type { EngineConfig } from './config.ts'
import { decompress } from './decompress.ts'
import { codeOf, EngineError, errorName, STOPPED } from './errors.ts'
import { Exchange, type ExchangeListener } from './exchange.ts'
import { parseHeaders, type ResponseHeaders, rawHeaderValues, withoutHeader } from './headers.ts'
import { callHooks, type FindFunction } from './hooks.ts'
import { countRequest, countResponse, recordTimes } from './metrics.ts'
import { isRedirect, redirectedRequest } from './redirect.ts'
import type { RequestParams, ResolutionSettings, ResolvedRequest } from './request-resolution.ts'
import type { RequestSpan } from './tracing.ts'
import { setVariable } from './variable-path.ts'
import { VirtualUser } from './virtual-user.ts'

/** What request steps share. */
export interface RequestServices {
  config: EngineConfig
  helpers: EngineHelpers
  find: FindFunction
  events: ArtilleryEvents
  resolution: ResolutionSettings
  /** Exchanges of the whole engine that wait for a connection. */
  waiting: Set<Exchange>
}

/** A response as `afterResponse` hooks see it. */
export interface HookResponse {
  statusCode: number
  statusMessage: string
  headers: ResponseHeaders
  body: string
  url: string
  /** Milliseconds with their fractions. */
  timings: { phases: { firstByte: number; download: number; total: number } }
}

/** One request step, compiled. */
export interface RequestPlan {
  method: string
  spec: RequestParams
  beforeRequest: readonly string[]
  afterResponse: readonly string[]
  onError: readonly string[]
  services: RequestServices
}

/** Ends a request step. */
export type RequestDone = (error?: unknown) => void

/** One run of a request step by one virtual user: the request, its redirects, captures and hooks. */
export class RequestRun implements ExchangeListener {
  readonly #plan: RequestPlan
  readonly #params: RequestParams
  readonly #context: VirtualUserContext
  readonly #user: VirtualUser
  readonly #keepsBody: boolean
  readonly #done: RequestDone
  #request: ResolvedRequest | undefined
  #redirects = 0
  #setsCookies = false
  #span: RequestSpan | undefined

  constructor(
    plan: RequestPlan,
    params: RequestParams,
    context: VirtualUserContext,
    keepsBody: boolean,
    done: RequestDone,
  ) {
    this.#plan = plan
    this.#params = params
    this.#context = context
    this.#user = VirtualUser.of(context)
    this.#keepsBody = keepsBody
    this.#done = done
  }

  /** Sends the request, or the next hop of its redirects. */
  send(request: ResolvedRequest): void {
    const { config, events } = this.#plan.services
    if (this.#user.ended) {
      this.#done()
      return
    }
    if (config.allowedOrigins?.has(request.target.origin) === false) {
      this.#fail(
        new EngineError(
          'ERR_ORIGIN_NOT_ALLOWED',
          `Requests to ${request.target.origin} are not allowed by this load test`,
        ),
      )
      return
    }
    this.#request = request
    if (request.cookies.length > 0) {
      this.#setsCookies = true
      this.#storeCookies(request.cookies, request)
    }
    const { origin, path } = request.target
    const options: Dispatcher.DispatchOptions = {
      origin,
      path,
      method: request.method,
      headers: this.#headers(request),
    }
    if (request.body !== undefined) options.body = bodyOf(request.body.content)
    if (request.timeoutMs !== config.timeoutMs) {
      options.headersTimeout = request.timeoutMs
      options.bodyTimeout = request.timeoutMs
    }
    countRequest(events)
    const exchange = new Exchange(this, this.#keepsBody ? config.maxBodyBytes : -1)
    this.#user.connections.dispatcher(origin).dispatch(options, exchange)
    exchange.boundWait(request.timeoutMs, this.#plan.services.waiting)
  }

  sent(): void {
    const request = this.#request
    if (request === undefined) return
    const { method, name, target } = request
    this.#plan.services.config.onRequestSent?.({ method, name, url: target.href }, this.#context)
  }

  headReceived(exchange: Exchange): void {
    countResponse(this.#plan.services.events, exchange.statusCode)
  }

  ended(exchange: Exchange, error: Error | undefined): void {
    const request = this.#request
    if (request === undefined) return
    if (error !== undefined) {
      this.#report(exchange, request, error)
      if (codeOf(error) === STOPPED) this.#done(error)
      else this.#fail(error)
      return
    }
    const { config, events } = this.#plan.services
    recordTimes(events, exchange, config.extendedMetrics)
    this.#context._successCount = (this.#context._successCount ?? 0) + 1
    const setCookies = rawHeaderValues(exchange.rawHeaders, 'set-cookie')
    if (setCookies !== undefined) {
      this.#user.cookies.active = true
      this.#storeCookies(setCookies, request)
    }
    if (request.followRedirect && exchange.statusCode >= 300 && exchange.statusCode < 400) {
      const location = rawHeaderValues(exchange.rawHeaders, 'location')?.[0]
      if (isRedirect(exchange.statusCode, location)) {
        this.#report(exchange, request, undefined)
        this.#follow(request, exchange.statusCode, location)
        return
      }
    }
    if (this.#keepsBody) this.#process(exchange, request)
    else {
      this.#report(exchange, request, undefined)
      this.#done()
    }
  }

  #follow(request: ResolvedRequest, statusCode: number, location: string): void {
    if (this.#redirects >= request.maxRedirects) {
      this.#fail(new EngineError('ERR_TOO_MANY_REDIRECTS', `Redirected ${request.maxRedirects} times. Aborting.`))
      return
    }
    this.#redirects++
    try {
      this.send(redirectedRequest(request, statusCode, location))
    } catch (error) {
      this.#fail(error)
    }
  }

  /** Captures, matches and `afterResponse` hooks. */
  #process(exchange: Exchange, request: ResolvedRequest): void {
    const { config, helpers, events } = this.#plan.services
    const context = this.#context
    const headers = parseHeaders(exchange.rawHeaders)
    let body: string
    try {
      const encoding =
        this.#params.decompress === false
          ? undefined
          : rawHeaderValues(exchange.rawHeaders, 'content-encoding')?.join(',')
      body = decompress(exchange.body(), encoding, config.maxBodyBytes).toString()
    } catch (error) {
      this.#report(exchange, request, error)
      this.#fail(error)
      return
    }
    let answered = false
    try {
      helpers.captureOrMatch(this.#plan.spec, { headers, body }, context, (captureError, result) => {
        answered = true
        if (captureError) {
          this.#report(exchange, request, captureError)
          this.#fail(captureError)
          return
        }
        const failed = result !== null && !applyCaptures(result, context, events)
        const failure = failed ? new Error('Failed capture or match') : undefined
        this.#report(exchange, request, failure)
        this.#afterResponse(exchange, request, { headers, body }, failure)
      })
    } catch (error) {
      if (answered) throw error
      this.#report(exchange, request, error)
      this.#fail(error)
    }
  }

  #afterResponse(
    exchange: Exchange,
    request: ResolvedRequest,
    { headers, body }: { headers: ResponseHeaders; body: string },
    failure: Error | undefined,
  ): void {
    const { helpers, events, find } = this.#plan.services
    const context = this.#context
    if (this.#plan.afterResponse.length === 0) {
      this.#done(failure)
      return
    }
    const response: HookResponse = {
      statusCode: exchange.statusCode,
      statusMessage: exchange.statusText,
      headers,
      body,
      url: request.target.href,
      timings: {
        phases: {
          firstByte: exchange.timeToFirstByteMs ?? 0,
          download: exchange.endedAtMs - exchange.headAtMs,
          total: exchange.responseTimeMs,
        },
      },
    }
    const names = this.#plan.afterResponse.map((name) => String(helpers.template(name, context)))
    callHooks(names, find, [this.#params, response, context, events], (error) => this.#done(error || failure))
  }

  /** Runs the scenario's `onError` hooks, then ends the step with the error. */
  #fail(error: unknown): void {
    const { onError, services } = this.#plan
    if (onError.length === 0) {
      this.#done(error)
      return
    }
    callHooks(onError, services.find, [error, this.#params, this.#context, services.events], () => this.#done(error))
  }

  #headers(request: ResolvedRequest): string[] {
    const { config } = this.#plan.services
    let headers = request.headers
    const { cookies } = this.#user
    const cookie = cookies.active || this.#setsCookies ? cookies.header(request.target.href) : undefined
    if (cookie !== undefined) headers = [...withoutHeader(headers, 'cookie'), 'cookie', cookie]
    const { method, name, target } = request
    this.#span = config.tracer?.startRequest({ method, name, url: target.href }, this.#context)
    if (this.#span !== undefined) {
      headers = [...withoutHeader(headers, 'traceparent'), 'traceparent', this.#span.traceparent]
      if (this.#span.tracestate !== undefined) headers.push('tracestate', this.#span.tracestate)
    } else if (config.traceparents !== undefined && !headers.includes('traceparent')) {
      headers = [...headers, 'traceparent', config.traceparents.next()]
    }
    return headers
  }

  #storeCookies(cookies: readonly string[], request: ResolvedRequest): void {
    const refused = this.#user.cookies.store(cookies, request.target.href)
    for (let index = 0; index < refused; index++) {
      this.#plan.services.events.emit('error', 'cookie_parse_error_invalid_cookie')
    }
  }

  #report(exchange: Exchange, request: ResolvedRequest, error: unknown): void {
    const { onRequestEnd } = this.#plan.services.config
    const statusCode = exchange.statusCode === 0 ? undefined : exchange.statusCode
    if (this.#span !== undefined) {
      this.#span.end({
        ...(statusCode !== undefined && { statusCode }),
        ...(error instanceof Error && { error }),
      })
      this.#span = undefined
    }
    onRequestEnd?.(
      {
        method: request.method,
        name: request.name,
        url: request.target.href,
        sent: exchange.isSent,
        statusCode,
        errorName: error === undefined ? undefined : errorName(error),
        startedAtMs: exchange.startedAtMs,
        timeToFirstByteMs: exchange.timeToFirstByteMs,
        responseTimeMs: exchange.responseTimeMs,
        downloadedBytes: exchange.downloadedBytes,
      },
      this.#context,
    )
  }
}

/**
 * Puts captured values into the variables. Returns false, and changes nothing, where a capture or a match has failed
 * (both are strict unless the script says otherwise).
 */
function applyCaptures(result: CaptureResult, context: VirtualUserContext, events: ArtilleryEvents): boolean {
  const matches = Object.values(result.matches)
  const captures = Object.entries(result.captures)
  if (matches.some((match) => !match.success && match.strict !== false)) return false
  if (captures.some(([, capture]) => capture.failed)) return false
  for (const { success, expected, got, expression, strict } of matches) {
    events.emit('match', success, { expected, got, expression, strict })
  }
  for (const [name, capture] of captures) setVariable(context.vars, name, capture.value)
  return true
}

type DispatchBody = NonNullable<Dispatcher.DispatchOptions['body']>

function bodyOf(content: NonNullable<ResolvedRequest['body']>['content']): DispatchBody {
  if (typeof content !== 'function') return content
  return Readable.from(content(), { objectMode: false })
}
