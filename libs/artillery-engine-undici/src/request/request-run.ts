import { Readable } from 'node:stream'
import type { VirtualUserContext } from '../artillery/contract.ts'
import { codeOf, EngineError, errorName, STOPPED } from '../artillery/errors.ts'
import { countRequest, countResponse, recordTimes } from '../artillery/metrics.ts'
import type { RequestSpan } from '../artillery/options.ts'
import { callHooks } from '../artillery/processor.ts'
import { applyCaptures } from '../response/captures.ts'
import { decompress } from '../response/decompress.ts'
import { Exchange, type ExchangeListener } from '../response/exchange.ts'
import { hookResponse } from '../response/hook-response.ts'
import { parseHeaders, type ResponseHeaders, rawHeaderValues } from '../response/raw-headers.ts'
import type { OutgoingRequest } from '../session/sender.ts'
import { VirtualUser } from '../session/virtual-user.ts'
import { withHeader, withoutHeader } from './header-list.ts'
import { isRedirect, redirectedRequest } from './redirect.ts'
import type { RequestParams } from './request-params.ts'
import type { RequestDone, RequestPlan } from './request-plan.ts'
import type { ResolvedRequest } from './resolve-request.ts'

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
  /** The `cookie` header of the hop before. */
  #cookie: string | undefined
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
    countRequest(events)
    const exchange = new Exchange(this, this.#keepsBody ? config.maxBodyBytes : -1)
    this.#user.connections.sender(request.target.origin, request.http2).dispatch(this.#outgoing(request), exchange)
    exchange.boundWait(request.timeoutMs, this.#plan.services.waiting)
  }

  #outgoing(request: ResolvedRequest): OutgoingRequest {
    const { method, target, body, timeoutMs } = request
    const { headers, more } = this.#headers(request)
    return {
      origin: target.origin,
      path: target.path,
      method,
      headers,
      moreHeaders: more,
      body: body === undefined ? undefined : bodyOf(body.content),
      timeoutMs,
    }
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
      // As in Artillery, a redirect on the same host carries the cookies of the hop before, whatever their path.
      const sent =
        this.#cookie === undefined
          ? request
          : { ...request, headers: withHeader(request.headers, 'cookie', this.#cookie) }
      this.send(redirectedRequest(sent, statusCode, location))
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
    const response = hookResponse(exchange, request.target.href, headers, body)
    const names = this.#plan.afterResponse.map((name) => String(helpers.template(name, context)))
    callHooks(names, find, [this.#params, response, context, events], (error) => this.#done(error || failure))
  }

  /** Calls the scenario's `onError` hooks, then ends the step with the error. */
  #fail(error: unknown): void {
    const { onError, services } = this.#plan
    if (onError.length === 0) {
      this.#done(error)
      return
    }
    callHooks(onError, services.find, [error, this.#params, this.#context, services.events], () => this.#done(error))
  }

  /** The headers of the request, and those of this hop only. */
  #headers(request: ResolvedRequest): { headers: readonly string[]; more: readonly string[] } {
    const { config } = this.#plan.services
    let { headers }: { headers: readonly string[] } = request
    const more: string[] = []
    const add = (name: string, value: string): void => {
      if (headers.includes(name)) headers = withoutHeader(headers, name)
      more.push(name, value)
    }
    const { cookies } = this.#user
    const cookie = cookies.active || this.#setsCookies ? cookies.header(request.target.href) : undefined
    if (cookie !== undefined) add('cookie', cookie)
    this.#cookie = cookie
    const { method, name, target } = request
    this.#span = config.tracer?.startRequest({ method, name, url: target.href }, this.#context)
    if (this.#span !== undefined) {
      const { traceparent, tracestate, headers: own = { traceparent, tracestate } } = this.#span
      for (const [name, value] of Object.entries(own)) if (value !== undefined) add(name, value)
    } else if (config.traceparents !== undefined && !headers.includes('traceparent')) {
      more.push('traceparent', config.traceparents.next())
    }
    return { headers, more }
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

function bodyOf(content: NonNullable<ResolvedRequest['body']>['content']): OutgoingRequest['body'] {
  if (typeof content !== 'function') return content
  return Readable.from(content(), { objectMode: false })
}
