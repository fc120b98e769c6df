import http, { type IncomingMessage, Server, ServerResponse } from 'node:http'
import { syncBuiltinESMExports } from 'node:module'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** What can go wrong inside a process. Each begins with the call, and ends with the call of what it returns. */
export const FAULTS = {
  holdMemory,
  answerLate,
  answer503,
  refuseScrapes,
  stopIntervals,
  blockThread,
  loseWrites,
  forgetSamples,
} as const

export type FaultName = keyof typeof FAULTS

/** In which threads of the process a fault is: the load tester makes its load in a thread of its own. */
export const FAULT_THREADS: Readonly<Record<FaultName, 'main' | 'worker'>> = {
  holdMemory: 'main',
  answerLate: 'main',
  answer503: 'main',
  refuseScrapes: 'main',
  stopIntervals: 'main',
  blockThread: 'worker',
  loseWrites: 'main',
  forgetSamples: 'main',
}

const HELD_BYTES = 480 * 2 ** 20
const LATE_MS = 1500
const BLOCKED_MS = 300
/** Longer ago than anything that Prometheus' database has. */
const LONG_AGO_SECONDS = 1_000_000_000

let areIntervalsStopped = false

/** Has intervals that begin from now on obey `stopIntervals`; to be called before the program begins. */
export function watchIntervals(): void {
  const { setInterval: begin } = globalThis
  const watched = (callback: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) =>
    begin(() => {
      if (!areIntervalsStopped) callback(...args)
    }, ms)
  Object.assign(globalThis, { setInterval: watched })
}

/** Holds more memory than a pod of any of our services may have. */
function holdMemory(): () => void {
  let held: Buffer | undefined = Buffer.alloc(HELD_BYTES, 1)
  return () => {
    held = held && undefined
    setFlagsFromString('--expose-gc')
    runInNewContext('gc')()
  }
}

function answerLate(): () => void {
  const { end } = ServerResponse.prototype
  ServerResponse.prototype.end = function (this: ServerResponse, ...args: unknown[]) {
    if (isForUsers(this)) setTimeout(() => Reflect.apply(end, this, args), LATE_MS)
    else Reflect.apply(end, this, args)
    return this
  }
  return () => {
    ServerResponse.prototype.end = end
  }
}

function answer503(): () => void {
  return refuse(isForUsers)
}

/** Every second one: the others tell of the process. */
function refuseScrapes(): () => void {
  let count = 0
  return refuse(({ req }) => req.url === '/metrics' && ++count % 2 === 1)
}

function refuse(isRefused: (response: ServerResponse) => boolean): () => void {
  const { writeHead } = ServerResponse.prototype
  ServerResponse.prototype.writeHead = function (this: ServerResponse, ...args: unknown[]) {
    return Reflect.apply(writeHead, this, isRefused(this) ? [503, ...args.slice(1)] : args)
  }
  return () => {
    ServerResponse.prototype.writeHead = writeHead
  }
}

function stopIntervals(): () => void {
  areIntervalsStopped = true
  return () => {
    areIntervalsStopped = false
  }
}

/** Blocks the thread nearly all of the time. */
function blockThread(): () => void {
  let timer = setTimeout(block)
  function block(): void {
    const untilMs = performance.now() + BLOCKED_MS
    while (performance.now() < untilMs);
    timer = setTimeout(block)
  }
  return () => clearTimeout(timer)
}

/** The metrics and health of a process keep working. */
function isForUsers({ req }: ServerResponse): boolean {
  return req.url === '/'
}

/** What Prometheus sends is answered and lost. */
function loseWrites(): () => void {
  const { emit } = Server.prototype
  Server.prototype.emit = function (this: Server, event: string | symbol, ...args: unknown[]) {
    const [received, response] = args
    if (event !== 'request' || !isWrite(received) || !(response instanceof ServerResponse))
      return Reflect.apply(emit, this, [event, ...args])
    received.resume().once('end', () => response.writeHead(204).end())
    return true
  }
  return () => {
    Server.prototype.emit = emit
  }
}

/** Prometheus is asked for the samples of a time before it began. */
function forgetSamples(): () => void {
  const { request } = http
  replaceRequest((url: unknown, ...args: unknown[]) => {
    if (url instanceof URL && url.pathname.endsWith('/api/v1/query'))
      url.searchParams.set('time', String(LONG_AGO_SECONDS))
    return Reflect.apply(request, http, [url, ...args])
  })
  return () => replaceRequest(request)
}

function isWrite(request: unknown): request is IncomingMessage {
  return request instanceof http.IncomingMessage && request.url?.endsWith('/api/v1/write') === true
}

function replaceRequest(request: (...args: never[]) => unknown): void {
  Object.assign(http, { request })
  syncBuiltinESMExports()
}
