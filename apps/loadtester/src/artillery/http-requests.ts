import type { EventEmitter } from 'node:events'
import type { IncomingMessage } from 'node:http'

/** A request as the flow knows it before it is sent. */
export interface RequestStart {
  readonly method: string
  /** The request's `name` in the script, else its path as written there (templates not filled in, so that it stays one series). */
  readonly name: string
}

/** How a request ended. */
export interface RequestEnd {
  /** Time to the last byte of the response, or to the failure, in milliseconds with fractions. */
  readonly durationMs: number
  /** Time to the response's head. */
  readonly firstByteMs: number | undefined
  readonly status: number | undefined
  /** Short code of what failed: `ECONNREFUSED`, `ERR_BODY_TIMEOUT`, …; undefined when a whole response came. */
  readonly error: string | undefined
  readonly bytes: number
}

/** Is told of every request that goes out, redirects included. */
export interface RequestListener<Handle> {
  /** Headers to add to the request, such as `traceparent`; called before it is sent. */
  requestHeaders(start: RequestStart, token: object): Readonly<Record<string, string>>
  /** The request is sent now. `token` is the one given to {@link requestHeaders}. */
  requestSent(start: RequestStart, token: object | undefined): Handle
  requestEnded(handle: Handle, end: RequestEnd): void
}

interface RequestParams {
  method: string
  url: string
  name?: string
  uuid: string
  headers?: Record<string, string>
  [beforeName]?: string
}

const beforeName = Symbol('name')

/** Name under which the hook of {@link observeHttpEngine} stands in a script's functions. */
export const beforeRequestHook = '$loadtesterBeforeRequest'

/**
 * Follows the requests of Artillery's HTTP engine through the events that it emits for tracing.
 *
 * @returns the hook to put before every request of the script.
 */
export function observeHttpEngine<Handle>(
  events: EventEmitter,
  listener: RequestListener<Handle>,
  options: { readonly target: string; readonly now?: () => number },
): (params: RequestParams, context: unknown, events: unknown, next: (error?: Error) => void) => void {
  const now = options.now ?? (() => performance.now())
  const open = new Map<string, { handle: Handle; startedAt: number; firstByteMs?: number; status?: number }>()

  const end = (uuid: string, error: string | undefined, bytes: number): void => {
    const request = open.get(uuid)
    if (request === undefined) return
    open.delete(uuid)
    listener.requestEnded(request.handle, {
      durationMs: now() - request.startedAt,
      firstByteMs: request.firstByteMs,
      status: request.status,
      error,
      bytes,
    })
  }

  events.on('trace:http:request', (params: RequestParams, uuid: string) => {
    const start = {
      method: params.method,
      name: params.name ?? params[beforeName] ?? pathOf(params.url, options.target),
    }
    open.set(uuid, { handle: listener.requestSent(start, params), startedAt: now() })
  })
  events.on('trace:http:response', (response: IncomingMessage, uuid: string) => {
    const request = open.get(uuid)
    if (request === undefined) return
    request.firstByteMs = now() - request.startedAt
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

  return (params, _context, _events, next) => {
    const name = params.name ?? pathOf(params.url, options.target)
    params[beforeName] = name
    params.headers = { ...params.headers, ...listener.requestHeaders({ method: params.method, name }, params) }
    next()
  }
}

function pathOf(url: string, target: string): string {
  return url.startsWith(target) ? url.slice(target.length) || '/' : url
}
