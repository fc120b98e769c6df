import type { VirtualUserContext } from './artillery.ts'
import { EngineError } from './errors.ts'
import { isRecord, lowerCaseKeys, recordOrEmpty } from './record.ts'
import { type TlsSettings, tlsOptions } from './tls.ts'
import { type RequestTracer, type TracedRequest, type TraceparentGenerator, traceparentGenerator } from './tracing.ts'

/** One HTTP exchange as it ended: a request of a step, or one hop of its redirects. */
export interface RequestOutcome {
  method: string
  /** The step's `name`, else its URL as written in the script (templates unrendered): few distinct values. */
  name: string
  url: string
  /** False where it never got a connection: nothing of it went out. */
  sent: boolean
  /** Undefined where no response head came. */
  statusCode: number | undefined
  /** The code (else message) of what failed: transport, timeout, capture or match; ERR_STOPPED where the engine was stopped before it was sent. */
  errorName: string | undefined
  /** `performance.now()` when the request was issued. */
  startedAtMs: number
  timeToFirstByteMs: number | undefined
  /** From issue to the last byte of the body, or to the error. */
  responseTimeMs: number
  /** Bytes of the body as they came over the wire. */
  downloadedBytes: number
}

/** `config.engines.undici` of a script. The functions can be given in-process only. */
export interface UndiciEngineOptions {
  /**
   * `per-user` (default): each virtual user opens its own connections and closes them at its end, as Artillery does.
   * `reused`: a virtual user takes over the idle connections that an ended one left behind.
   * `config.http.pool` goes before both.
   */
  connections?: 'per-user' | 'reused'
  /** The longest body kept for captures and hooks, in bytes after decompression. Default 16 MiB. */
  maxBodyBytes?: number
  /** Origins that requests may go to, redirects too; any other one fails its request (`ERR_ORIGIN_NOT_ALLOWED`). Default: all. */
  allowedOrigins?: readonly string[]
  /** Spans of requests; without it, or where it gives none, plain `traceparent` headers are made (`config.http.distributedTracing`). */
  tracer?: RequestTracer
  /** Called when a request has a connection and goes out. Must not throw. */
  onRequestSent?: (request: TracedRequest, context: VirtualUserContext) => void
  /** Called once at the end of each exchange, before `afterResponse` hooks. Must not throw. */
  onRequestEnd?: (outcome: RequestOutcome, context: VirtualUserContext) => void
}

/** Everything the engine reads of `config`, checked. */
export interface EngineConfig {
  timeoutMs: number
  /** `config.http.pool`: connections shared by all virtual users, for each origin. */
  pool: number | undefined
  connections: 'per-user' | 'reused'
  tls: TlsSettings
  /** Lower-case names; values may hold templates. */
  defaultHeaders: Record<string, unknown>
  defaultCookie: Record<string, unknown> | undefined
  cookieJarOptions: Record<string, unknown>
  strictCapture: boolean
  /** `jitter` of think steps. */
  thinkDefaults: unknown
  extendedMetrics: boolean
  traceparents: TraceparentGenerator | undefined
  tracer: RequestTracer | undefined
  onRequestSent: UndiciEngineOptions['onRequestSent']
  onRequestEnd: UndiciEngineOptions['onRequestEnd']
  maxBodyBytes: number
  /** Undefined where all are allowed. */
  allowedOrigins: ReadonlySet<string> | undefined
  proxy: { http: string | undefined; https: string | undefined }
}

const USER_AGENT = 'Artillery (https://artillery.io)'
const DEFAULT_TIMEOUT_SECONDS = 10
const DEFAULT_MAX_BODY_BYTES = 16 * 1024 * 1024
const MAX_TIMEOUT_SECONDS = 2 ** 31 / 1000 - 1

/**
 * Reads a script's `config`.
 *
 * @throws EngineError ERR_CONFIG that names every setting that can't be used, its value and what is allowed
 */
export function readConfig(config: Record<string, unknown>, env: NodeJS.ProcessEnv): EngineConfig {
  const problems: string[] = []
  const http = recordOrEmpty(config.http)
  const defaults = recordOrEmpty(http.defaults)
  const legacyDefaults = recordOrEmpty(config.defaults)
  const engines = recordOrEmpty(config.engines)
  const options = recordOrEmpty(engines.undici)

  const number = (
    name: string,
    value: unknown,
    fallback: number,
    min: number,
    max: number,
    integer = false,
  ): number => {
    if (value === undefined || value === null) return fallback
    const parsed = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
    if (typeof parsed === 'number' && parsed >= min && parsed <= max && (!integer || Number.isInteger(parsed)))
      return parsed
    problems.push(
      `${name} is ${JSON.stringify(value)}: give ${integer ? 'a whole number' : 'a number'} from ${min} to ${max}`,
    )
    return fallback
  }
  const oneOf = <T extends string>(name: string, value: unknown, allowed: readonly [T, ...T[]]): T => {
    const found = value === undefined ? allowed[0] : allowed.find((item) => item === value)
    if (found === undefined) problems.push(`${name} is ${JSON.stringify(value)}: give ${allowed.join(' or ')}`)
    return found ?? allowed[0]
  }
  const attempt = <T>(read: () => T, fallback: T): T => {
    try {
      return read()
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error))
      return fallback
    }
  }

  const timeoutSource = config.timeout
    ? (['config.timeout', config.timeout] as const)
    : (['config.http.timeout', http.timeout] as const)
  const timeoutSeconds = number(
    timeoutSource[0],
    timeoutSource[1] || undefined,
    DEFAULT_TIMEOUT_SECONDS,
    0.001,
    MAX_TIMEOUT_SECONDS,
  )
  const pool = http.pool ? number('config.http.pool', http.pool, 0, 1, 100_000, true) : undefined
  const { tracer } = options
  if (tracer !== undefined && !isTracer(tracer)) {
    problems.push('config.engines.undici.tracer has no startRequest function: give an object that has one')
  }
  const listener = <Listener>(
    name: 'onRequestSent' | 'onRequestEnd',
    is: (value: unknown) => value is Listener,
  ): Listener | undefined => {
    const value = options[name]
    if (value === undefined || is(value)) return value
    problems.push(`config.engines.undici.${name} is ${JSON.stringify(value)}: give a function`)
    return undefined
  }
  const cookie = isRecord(defaults.cookie) ? defaults.cookie : legacyDefaults.cookie
  const result: EngineConfig = {
    timeoutMs: timeoutSeconds * 1000,
    pool,
    connections: oneOf('config.engines.undici.connections', options.connections, ['per-user', 'reused']),
    tls: attempt(() => tlsOptions(config.tls, 'config.tls'), {}),
    defaultHeaders: lowerCaseKeys(defaults.headers ?? legacyDefaults.headers ?? { 'user-agent': USER_AGENT }),
    defaultCookie: isRecord(cookie) ? cookie : undefined,
    cookieJarOptions: recordOrEmpty(http.cookieJarOptions),
    strictCapture: defaults.strictCapture !== false && legacyDefaults.strictCapture !== false,
    thinkDefaults: defaults.think ?? legacyDefaults.think,
    extendedMetrics: http.extendedMetrics === true || env.ARTILLERY_EXTENDED_HTTP_METRICS !== undefined,
    traceparents: attempt(() => traceparentGenerator(http.distributedTracing), undefined),
    tracer: isTracer(tracer) ? tracer : undefined,
    onRequestSent: listener('onRequestSent', isListener<NonNullable<UndiciEngineOptions['onRequestSent']>>),
    onRequestEnd: listener('onRequestEnd', isListener<NonNullable<UndiciEngineOptions['onRequestEnd']>>),
    maxBodyBytes: number(
      'config.engines.undici.maxBodyBytes',
      options.maxBodyBytes,
      DEFAULT_MAX_BODY_BYTES,
      1,
      2 ** 30,
      true,
    ),
    allowedOrigins: attempt(() => originsOf(options.allowedOrigins), undefined),
    proxy: { http: env.HTTP_PROXY || undefined, https: env.HTTPS_PROXY || undefined },
  }
  if (problems.length > 0) throw new EngineError('ERR_CONFIG', problems.join('\n'))
  return result
}

function originsOf(setting: unknown): ReadonlySet<string> | undefined {
  if (setting === undefined) return undefined
  const urls = Array.isArray(setting) ? setting.map(String) : []
  if (urls.length === 0 || !urls.every((url) => /^https?:\/\//i.test(url) && URL.canParse(url))) {
    throw new EngineError(
      'ERR_CONFIG',
      `config.engines.undici.allowedOrigins is ${JSON.stringify(setting)}: give a list of URLs such as http://127.0.0.1:8080`,
    )
  }
  return new Set(urls.map((url) => new URL(url).origin))
}

function isTracer(value: unknown): value is RequestTracer {
  return isRecord(value) && typeof value.startRequest === 'function'
}

/** A function given in-process is taken at its word: what it takes can't be seen. */
function isListener<Listener>(value: unknown): value is Listener {
  return typeof value === 'function'
}
