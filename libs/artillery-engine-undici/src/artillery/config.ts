import { EngineError } from './errors.ts'
import type { RequestTracer, UndiciEngineOptions } from './options.ts'
import { isRecord, lowerCaseKeys, recordOrEmpty } from './record.ts'
import { Settings } from './settings.ts'
import { type TlsSettings, tlsOptions } from './tls.ts'
import { type TraceparentGenerator, traceparentGenerator } from './traceparent.ts'

/**
 * Which connections use HTTP/2: none, those of `https:` URLs whose server offers it, or these and all of `http:` URLs.
 */
export type Http2Mode = 'off' | 'alpn' | 'prior-knowledge'

/** Everything the engine reads from `config`, checked. */
export interface EngineConfig {
  timeoutMs: number
  /** `config.http.pool`: connections to each origin that all virtual users share. */
  pool: number | undefined
  http2: Http2Mode
  connections: 'per-user' | 'reused'
  tls: TlsSettings
  /** Lower-case names; values may hold templates. */
  defaultHeaders: Record<string, unknown>
  defaultCookie: Record<string, unknown> | undefined
  cookieJarOptions: Record<string, unknown>
  strictCapture: boolean
  /** Defaults of think steps: `jitter`. */
  thinkDefaults: unknown
  extendedMetrics: boolean
  traceparents: TraceparentGenerator | undefined
  tracer: RequestTracer | undefined
  onRequestSent: UndiciEngineOptions['onRequestSent']
  onRequestEnd: UndiciEngineOptions['onRequestEnd']
  maxBodyBytes: number
  /** Undefined if all are allowed. */
  allowedOrigins: ReadonlySet<string> | undefined
  proxy: { http: string | undefined; https: string | undefined }
}

const USER_AGENT = 'Artillery (https://artillery.io)'
const DEFAULT_TIMEOUT_SECONDS = 10
const DEFAULT_MAX_BODY_BYTES = 16 * 1024 * 1024
const MAX_MAX_BODY_BYTES = 2 ** 30
const MIN_TIMEOUT_SECONDS = 0.001
const MAX_TIMEOUT_SECONDS = 2 ** 31 / 1000 - 1
const MAX_POOL = 100_000

/**
 * Reads a script's `config`.
 *
 * @throws EngineError ERR_CONFIG that names every setting that can't be used, its value and what is allowed
 */
export function readConfig(config: Record<string, unknown>, env: NodeJS.ProcessEnv): EngineConfig {
  const settings = new Settings()
  const http = recordOrEmpty(config.http)
  const result: EngineConfig = {
    timeoutMs: readTimeoutMs(config, http, settings),
    pool: http.pool
      ? settings.number('config.http.pool', http.pool, 0, { min: 1, max: MAX_POOL, integer: true })
      : undefined,
    http2: readHttp2(http.http2, settings),
    tls: settings.attempt(() => tlsOptions(config.tls, 'config.tls'), {}),
    ...readDefaults(config, http),
    cookieJarOptions: recordOrEmpty(http.cookieJarOptions),
    extendedMetrics: http.extendedMetrics === true || env.ARTILLERY_EXTENDED_HTTP_METRICS !== undefined,
    traceparents: settings.attempt(() => traceparentGenerator(http.distributedTracing), undefined),
    ...readOptions(recordOrEmpty(recordOrEmpty(config.engines).undici), settings),
    proxy: { http: env.HTTP_PROXY || undefined, https: env.HTTPS_PROXY || undefined },
  }
  settings.check()
  return result
}

/** `config.timeout` takes precedence over `config.http.timeout`; 0 is the default, as in Artillery. */
function readTimeoutMs(config: Record<string, unknown>, http: Record<string, unknown>, settings: Settings): number {
  const [name, value] = config.timeout ? ['config.timeout', config.timeout] : ['config.http.timeout', http.timeout]
  const range = { min: MIN_TIMEOUT_SECONDS, max: MAX_TIMEOUT_SECONDS }
  return settings.number(String(name), value || undefined, DEFAULT_TIMEOUT_SECONDS, range) * 1000
}

function readHttp2(value: unknown, settings: Settings): Http2Mode {
  const setting = settings.oneOf('config.http.http2', value, [false, true, 'prior-knowledge'])
  if (setting === 'prior-knowledge') return setting
  return setting ? 'alpn' : 'off'
}

type Defaults = Pick<EngineConfig, 'defaultHeaders' | 'defaultCookie' | 'strictCapture' | 'thinkDefaults'>

/** `config.http.defaults`, and `config.defaults` of old scripts. */
function readDefaults(config: Record<string, unknown>, http: Record<string, unknown>): Defaults {
  const defaults = recordOrEmpty(http.defaults)
  const oldDefaults = recordOrEmpty(config.defaults)
  const cookie = isRecord(defaults.cookie) ? defaults.cookie : oldDefaults.cookie
  return {
    defaultHeaders: lowerCaseKeys(defaults.headers ?? oldDefaults.headers ?? { 'user-agent': USER_AGENT }),
    defaultCookie: isRecord(cookie) ? cookie : undefined,
    strictCapture: defaults.strictCapture !== false && oldDefaults.strictCapture !== false,
    thinkDefaults: defaults.think ?? oldDefaults.think,
  }
}

type Options = Pick<
  EngineConfig,
  'connections' | 'tracer' | 'onRequestSent' | 'onRequestEnd' | 'maxBodyBytes' | 'allowedOrigins'
>

/** `config.engines.undici`. */
function readOptions(options: Record<string, unknown>, settings: Settings): Options {
  const name = (option: keyof UndiciEngineOptions): string => `config.engines.undici.${option}`
  return {
    connections: settings.oneOf(name('connections'), options.connections, ['per-user', 'reused']),
    tracer: settings.optional(name('tracer'), options.tracer, isTracer, 'an object with a function startRequest'),
    onRequestSent: settings.optional(
      name('onRequestSent'),
      options.onRequestSent,
      isListener<NonNullable<UndiciEngineOptions['onRequestSent']>>,
      'a function',
    ),
    onRequestEnd: settings.optional(
      name('onRequestEnd'),
      options.onRequestEnd,
      isListener<NonNullable<UndiciEngineOptions['onRequestEnd']>>,
      'a function',
    ),
    maxBodyBytes: settings.number(name('maxBodyBytes'), options.maxBodyBytes, DEFAULT_MAX_BODY_BYTES, {
      min: 1,
      max: MAX_MAX_BODY_BYTES,
      integer: true,
    }),
    allowedOrigins: settings.attempt(() => originsOf(options.allowedOrigins, name('allowedOrigins')), undefined),
  }
}

function originsOf(setting: unknown, name: string): ReadonlySet<string> | undefined {
  if (setting === undefined) return undefined
  const urls = Array.isArray(setting) ? setting.map(String) : []
  if (urls.length === 0 || !urls.every((url) => /^https?:\/\//i.test(url) && URL.canParse(url))) {
    throw new EngineError(
      'ERR_CONFIG',
      `${name} is ${JSON.stringify(setting)}: use a list of URLs such as http://127.0.0.1:8080`,
    )
  }
  return new Set(urls.map((url) => new URL(url).origin))
}

function isTracer(value: unknown): value is RequestTracer {
  return isRecord(value) && typeof value.startRequest === 'function'
}

/** The parameters of a function can't be checked: one that is set in-process is trusted. */
function isListener<Listener>(value: unknown): value is Listener {
  return typeof value === 'function'
}
