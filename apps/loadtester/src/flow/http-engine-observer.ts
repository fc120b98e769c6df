import type { EventEmitter } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { errorCodeOf } from './error-code.ts'
import { headersOf, type RequestListener, type RequestStart, type RequestTrace } from './request-events.ts'

/** Name of {@link HttpEngineObserver.hook} among a script's functions. */
export const BEFORE_REQUEST_HOOK = '$loadtesterBeforeRequest'

/** Error code of a request that its virtual user left unfinished. */
const ABANDONED_CODE = 'ERR_ABANDONED'

const before = Symbol('before')

interface RequestParams {
  method: string
  url: string
  name?: string
  headers?: Record<string, string>
  [before]?: { readonly name: string; readonly user: object; readonly trace: RequestTrace | undefined }
}

interface OpenRequest {
  readonly start: RequestStart
  readonly user: object | undefined
  readonly trace: RequestTrace | undefined
  readonly startedAt: number
  bytes: number
  firstByteMs?: number
  status?: number
}

/** A `beforeRequest` function of a script. */
export type BeforeRequestHook = (
  params: RequestParams,
  context: object,
  events: unknown,
  next: (error?: Error) => void,
) => void

/** Follows the requests of Artillery's own HTTP engine through the events that it emits for tracing. */
export class HttpEngineObserver {
  readonly #listener: RequestListener
  readonly #target: string
  /** Open requests, by the id that the engine gives each step; a step has one at a time. */
  readonly #open = new Map<string, OpenRequest>()

  constructor(events: EventEmitter, listener: RequestListener, target: string) {
    this.#listener = listener
    this.#target = target
    events.on('trace:http:request', (params: RequestParams, uuid: string) => this.#sent(params, uuid))
    events.on('trace:http:response', (response: IncomingMessage, uuid: string) => this.#answered(response, uuid))
    events.on('trace:http:error', (error: Error, uuid: string) => this.#end(uuid, errorCodeOf(error)))
  }

  /** Must run before every request of the script. */
  readonly hook: BeforeRequestHook = (params, user, _events, next) => {
    const name = params.name ?? this.#nameOf(params.url)
    const trace = this.#listener.requestTrace({ method: params.method, name, url: params.url })
    params[before] = { name, user, trace }
    if (trace !== undefined) params.headers = { ...params.headers, ...headersOf(trace) }
    next()
  }

  /** Ends a virtual user's open requests: for some failed requests the engine emits no event of their own. */
  userEnded(user: object, error: string | undefined): void {
    for (const [uuid, request] of this.#open) {
      if (request.user === user) this.#end(uuid, error ?? ABANDONED_CODE)
    }
  }

  #sent(params: RequestParams, uuid: string): void {
    // A second request of a step follows a redirect, so the first one has been answered.
    this.#end(uuid, undefined)
    const { method, url } = params
    const known = params[before]
    const start = { method, name: params.name ?? known?.name ?? this.#nameOf(url), url }
    this.#open.set(uuid, { start, user: known?.user, trace: known?.trace, startedAt: performance.now(), bytes: 0 })
    this.#listener.requestSent(start)
  }

  #answered(response: IncomingMessage, uuid: string): void {
    const request = this.#open.get(uuid)
    if (request === undefined) return
    request.firstByteMs = performance.now() - request.startedAt
    if (response.statusCode !== undefined) request.status = response.statusCode
    const endThis = (error: string | undefined): void => {
      if (this.#open.get(uuid) === request) this.#end(uuid, error)
    }
    response.on('data', (chunk: Buffer) => {
      request.bytes += chunk.length
    })
    response.once('end', () => endThis(undefined))
    response.once('error', (error) => endThis(errorCodeOf(error)))
  }

  #end(uuid: string, error: string | undefined): void {
    const request = this.#open.get(uuid)
    if (request === undefined) return
    this.#open.delete(uuid)
    const { start, user, trace, startedAt, firstByteMs, status, bytes } = request
    trace?.end(status, error)
    const durationMs = performance.now() - startedAt
    this.#listener.requestEnded(start, { durationMs, firstByteMs, status, error, bytes }, user)
  }

  #nameOf(url: string): string {
    return url.startsWith(this.#target) ? url.slice(this.#target.length) || '/' : url
  }
}
