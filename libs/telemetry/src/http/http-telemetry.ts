import { type IncomingMessage, ServerResponse } from 'node:http'
import { Http2ServerRequest } from 'node:http2'
import type { Server, Socket } from 'node:net'
import { inspect } from 'node:util'
import type { Logger } from '../logs/logger.ts'
import { keepTickObjects } from '../node-internals/tick-objects.ts'
import { Drain } from '../process/drain.ts'
import { recordServer, toOriginForm } from './recorded-server.ts'
import { inFlightRequestOf } from './request/in-flight-request.ts'
import { mountedRoute, watchMounts } from './request/mounted-route.ts'
import { PlainRequest } from './request/plain-request.ts'
import { RequestRecorder, type RequestRecorderOptions } from './request-recorder.ts'
import { exceptionOf } from './thrown.ts'

/** What is recorded of the requests of a server. */
export interface HttpTelemetryOptions extends RequestRecorderOptions {
  /**
   * Returns the route of a request once it has been answered; default: Express' own, or what {@link setRoute} has set.
   */
  readonly routeOf?: (request: IncomingMessage) => string | undefined
}

const STATUS_LINE_LENGTH = 32

/** Node emits these instead if something listens for them: https://nodejs.org/api/http.html#event-checkcontinue. */
const REQUEST_EVENTS: ReadonlySet<string> = new Set(['request', 'checkContinue', 'checkExpectation'])

const ROUTE: unique symbol = Symbol('the route')

declare module 'node:http' {
  interface IncomingMessage {
    [ROUTE]?: string
  }
}

const instrumented = new WeakSet<Server>()

/**
 * Adds metrics, a SERVER span and a log line for every request to an HTTP server, whatever handles its requests
 * (Express, Koa, plain Node), and drains it when the process shuts down. {@link RequestRecorder} describes what is
 * recorded, and when.
 *
 * @param server of HTTP/1.1 or HTTP/2, with or without TLS; call this before it listens, or right after `listen()`
 * @throws {RangeError} if the server has it already, or another one has metrics of the same name with other options
 */
export function httpTelemetry(server: Server, options: HttpTelemetryOptions): void {
  if (instrumented.has(server)) throw new RangeError('httpTelemetry is already on this server: call it once')
  const recorder = new RequestRecorder(options)
  instrumented.add(server)
  keepTickObjects()
  watchMounts()
  const drain = new Drain()
  drain.watch(server)
  recordServer(server, recorder)
  options.telemetry.shutdown.add('HTTP server', () => drain.begin())
  const routeOf = options.routeOf === undefined ? knownRoute : safely(options.routeOf, options.telemetry.logger)
  const emit = server.emit.bind(server)
  // The listener that responds may be added later, and the span has to be active in all of them.
  server.emit = (event: string, ...args: unknown[]): boolean => {
    if (REQUEST_EVENTS.has(event)) return beginRequest(recorder, routeOf, args, () => emit(event, ...args))
    if (event === 'upgrade') return beginUpgrade(recorder, routeOf, args, () => emit(event, ...args))
    // Requests without a listener need no other record; HTTP/2 responds to them like to any other.
    if (event === 'connect' && server.listenerCount('connect') > 1)
      return (isOfHttp2(args) ? beginRequest : beginUpgrade)(recorder, routeOf, args, () => emit(event, ...args))
    return emit(event, ...args)
  }
}

function isOfHttp2([request]: unknown[]): boolean {
  return request instanceof Http2ServerRequest
}

type RouteOf = NonNullable<HttpTelemetryOptions['routeOf']>

/** If `routeOf` fails, the request counts as one without a route, and that is logged once. */
function safely(routeOf: RouteOf, logger: Pick<Logger, 'error'>): RouteOf {
  let isFailing = false
  return (request) => {
    try {
      const route: unknown = routeOf(request)
      if (route === undefined || typeof route === 'string') return route
      throw new TypeError(`routeOf returned ${inspect(route, { depth: 0 })}, which is not a string`)
    } catch (error) {
      if (!isFailing)
        logger.error(
          { err: error },
          'The route of a request could not be determined; it counts as one without a route.',
        )
      isFailing = true
      return undefined
    }
  }
}

function beginRequest(recorder: RequestRecorder, routeOf: RouteOf, args: unknown[], handle: () => boolean): boolean {
  // As Node documents the event.
  const [request, response] = args as [IncomingMessage, ServerResponse]
  toOriginForm(request)
  let isHandled = false
  recorder.begin(new PlainRequest(request, routeOf), response, () => {
    isHandled = handle()
  })
  return isHandled
}

/**
 * Node creates no response for an upgrade: whatever takes over the connection writes its first bytes, which contain the
 * status.
 */
function beginUpgrade(recorder: RequestRecorder, routeOf: RouteOf, args: unknown[], handle: () => boolean): boolean {
  // As Node documents the event.
  const [request, socket] = args as [IncomingMessage, Socket]
  const response = new ServerResponse(request)
  let isHandled = false
  recorder.begin(new PlainRequest(request, routeOf), response, () => {
    onFirstBytes(socket, (bytes) => {
      const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(bytes)?.[1])
      if (Number.isNaN(status) || status === (request.method === 'CONNECT' ? 200 : 101)) return
      response.statusCode = status
      inFlightRequestOf(response)?.end('answered')
    })
    isHandled = handle()
  })
  return isHandled
}

function onFirstBytes(socket: Socket, read: (bytes: string) => void): void {
  const { write, end } = socket
  const begin = (args: readonly unknown[]) => {
    socket.write = write
    socket.end = end
    const [bytes] = args
    if (typeof bytes === 'string' || Buffer.isBuffer(bytes)) read(bytes.toString('latin1', 0, STATUS_LINE_LENGTH))
  }
  socket.write = (...args: unknown[]) => {
    begin(args)
    return Reflect.apply(write, socket, args)
  }
  socket.end = (...args: unknown[]) => {
    begin(args)
    return Reflect.apply(end, socket, args)
  }
}

/**
 * Sets the route that handles a request, such as `/users/:id`, for metrics and spans; for routers other than Express'.
 */
export function setRoute(request: IncomingMessage, route: string | undefined): void {
  if (route !== undefined) request[ROUTE] = route
}

/**
 * Records an error that was thrown while a request was handled; for the error handlers of frameworks. It is recorded if
 * the response has status 500 or higher, unless the error has a `statusCode`.
 */
export function recordError(response: ServerResponse, error: unknown): void {
  const inFlight = inFlightRequestOf(response)
  if (inFlight !== undefined) inFlight.error ??= exceptionOf(error)
}

function knownRoute(request: IncomingMessage): string | undefined {
  return request[ROUTE] ?? mountedRoute(request)
}
