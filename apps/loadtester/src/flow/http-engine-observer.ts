import type { EventEmitter } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { RequestListener, RequestStart, RequestTrace } from './request-listener.ts'

interface RequestParams {
  method: string
  url: string
  name?: string
  headers?: Record<string, string>
  [before]?: { readonly name: string; readonly user: object; readonly trace: RequestTrace | undefined }
}

const before = Symbol('before')

interface OpenRequest {
  readonly start: RequestStart
  readonly user: object | undefined
  readonly trace: RequestTrace | undefined
  readonly startedAt: number
  bytes: number
  firstByteMs?: number
  status?: number
}

/** Name under which the hook of {@link HttpEngineObserver} stands in a script's functions. */
export const beforeRequestHook = '$loadtesterBeforeRequest'

/** Put before every request of a script. */
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
  /** Requests on their way, by the id that the engine gives to each step; a step sends one at a time. */
  readonly #open = new Map<string, OpenRequest>()

  constructor(events: EventEmitter, listener: RequestListener, target: string) {
    this.#listener = listener
    this.#target = target
    events.on('trace:http:request', (params: RequestParams, uuid: string) => this.#sent(params, uuid))
    events.on('trace:http:response', (response: IncomingMessage, uuid: string) => this.#answered(response, uuid))
    events.on('trace:http:error', (error: NodeJS.ErrnoException, uuid: string) =>
      this.#end(uuid, error.code ?? error.message),
    )
  }

  /** To be put before every request of the script. */
  readonly hook: BeforeRequestHook = (params, user, _events, next) => {
    const name = params.name ?? nameOf(params.url, this.#target)
    const trace = this.#listener.requestTrace({ method: params.method, name, url: params.url })
    params[before] = { name, user, trace }
    if (trace?.traceparent !== undefined) params.headers = { ...params.headers, traceparent: trace.traceparent }
    next()
  }

  /** Ends what a virtual user left on its way: the engine tells of some failed requests only by the user's own end. */
  userEnded(user: object, error: string | undefined): void {
    for (const [uuid, request] of this.#open) {
      if (request.user === user) this.#end(uuid, error ?? 'ABANDONED')
    }
  }

  #sent(params: RequestParams, uuid: string): void {
    // Another request of the same step is a redirect: the one before has had its answer.
    this.#end(uuid, undefined)
    const known = params[before]
    const start = {
      method: params.method,
      name: params.name ?? known?.name ?? nameOf(params.url, this.#target),
      url: params.url,
    }
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
    response.once('error', (error: NodeJS.ErrnoException) => endThis(error.code ?? error.message))
  }

  #end(uuid: string, error: string | undefined): void {
    const request = this.#open.get(uuid)
    if (request === undefined) return
    this.#open.delete(uuid)
    const { start, firstByteMs, status, bytes } = request
    request.trace?.end(status, error)
    this.#listener.requestEnded(
      start,
      { durationMs: performance.now() - request.startedAt, firstByteMs, status, error, bytes },
      request.user,
    )
  }
}

function nameOf(url: string, target: string): string {
  return url.startsWith(target) ? url.slice(target.length) || '/' : url
}
