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
  firstByteMs?: number
  status?: number
}

/** Name under which the hook of {@link observeHttpEngine} stands in a script's functions. */
export const beforeRequestHook = '$loadtesterBeforeRequest'

/** Put before every request of a script. */
export type BeforeRequestHook = (
  params: RequestParams,
  context: object,
  events: unknown,
  next: (error?: Error) => void,
) => void

/**
 * Follows the requests of Artillery's own HTTP engine through the events that it emits for tracing.
 *
 * @returns the hook to put before every request of the script.
 */
export function observeHttpEngine(events: EventEmitter, listener: RequestListener, target: string): BeforeRequestHook {
  const open = new Map<string, OpenRequest>()

  const end = (uuid: string, error: string | undefined, bytes: number): void => {
    const request = open.get(uuid)
    if (request === undefined) return
    open.delete(uuid)
    const { start, firstByteMs, status } = request
    request.trace?.end(status, error)
    listener.requestEnded(
      start,
      { durationMs: performance.now() - request.startedAt, firstByteMs, status, error, bytes },
      request.user,
    )
  }

  events.on('trace:http:request', (params: RequestParams, uuid: string) => {
    const known = params[before]
    const start = {
      method: params.method,
      name: params.name ?? known?.name ?? nameOf(params.url, target),
      url: params.url,
    }
    open.set(uuid, { start, user: known?.user, trace: known?.trace, startedAt: performance.now() })
    listener.requestSent(start)
  })
  events.on('trace:http:response', (response: IncomingMessage, uuid: string) => {
    const request = open.get(uuid)
    if (request === undefined) return
    request.firstByteMs = performance.now() - request.startedAt
    if (response.statusCode !== undefined) request.status = response.statusCode
    let bytes = 0
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    response.once('end', () => end(uuid, undefined, bytes))
    response.once('error', (error: NodeJS.ErrnoException) => end(uuid, error.code ?? error.message, bytes))
  })
  events.on('trace:http:error', (error: NodeJS.ErrnoException, uuid: string) =>
    end(uuid, error.code ?? error.message, 0),
  )

  return (params, user, _events, next) => {
    const name = params.name ?? nameOf(params.url, target)
    const trace = listener.requestTrace({ method: params.method, name, url: params.url })
    params[before] = { name, user, trace }
    if (trace?.traceparent !== undefined) params.headers = { ...params.headers, traceparent: trace.traceparent }
    next()
  }
}

function nameOf(url: string, target: string): string {
  return url.startsWith(target) ? url.slice(target.length) || '/' : url
}
