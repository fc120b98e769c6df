import { Agent } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { CompressionAlgorithm, type IExporterTransport } from '@opentelemetry/otlp-exporter-base'
import type { convertLegacyHttpOptions } from '@opentelemetry/otlp-exporter-base/node-http'
import type { buildConnector } from 'undici'
// Not the whole of undici, which would replace Node's own `fetch` in this process.
import Pool from 'undici/lib/dispatcher/pool.js'
import { type ExportResponse, OtlpExchange } from './otlp-exchange.ts'

/** OpenTelemetry's configuration of an exporter over HTTP, with `OTEL_EXPORTER_OTLP_…` merged in. */
export type HttpConfiguration = ReturnType<typeof convertLegacyHttpOptions>

/** Retries are those of OpenTelemetry's own transport. */
const MAX_RETRIES = 5
const FIRST_DELAY_MS = 1_000
const MAX_DELAY_MS = 5_000
const DELAY_FACTOR = 1.5
const JITTER = 0.2

/** Longer than the time between batches, so that they share connections. */
const KEEP_ALIVE_MS = 60_000
const MAX_CONNECT_MS = 10_000

const USER_AGENT = 'OTel-OTLP-Exporter-JavaScript'

const compress = promisify(gzip)

/**
 * Sends OTLP requests over HTTP with undici. OpenTelemetry's own transport uses `node:http`, whose requests share classes with the responses of an
 * HTTP server in the same process: V8 then sees objects of so many shapes in `node:http` that each response takes the server 1 µs longer.
 */
export class UndiciTransport implements IExporterTransport {
  readonly #configuration: HttpConfiguration
  readonly #origin: string
  readonly #path: string
  readonly #authorization: Readonly<Record<string, string>>
  #pool: Promise<Pool> | undefined
  #isShutDown = false

  constructor(configuration: HttpConfiguration) {
    this.#configuration = configuration
    const { origin, pathname, search, username, password } = new URL(configuration.url)
    this.#origin = origin
    this.#path = `${pathname}${search}`
    this.#authorization = username === '' && password === '' ? {} : { authorization: basic(username, password) }
  }

  /**
   * Sends `data`, and retries after failures that may be temporary.
   *
   * @param timeoutMs for all attempts together
   * @returns the result of the last attempt; does not reject because of the collector or the network
   */
  async send(data: Uint8Array, timeoutMs: number): Promise<ExportResponse> {
    const deadline = performance.now() + timeoutMs
    const body = this.#isGzip ? await compress(data) : data
    let response: ExportResponse = { status: 'failure', error: new Error(`nothing was sent within ${timeoutMs} ms`) }
    let delayMs = FIRST_DELAY_MS
    for (let attempt = 0; ; attempt++) {
      const headers = await this.#headers()
      const remainingMs = deadline - performance.now()
      if (remainingMs <= 0) return response
      response = await this.#attempt(headers, body, remainingMs)
      if (response.status !== 'retryable' || attempt === MAX_RETRIES) return response
      const jitter = 1 - JITTER + 2 * JITTER * Math.random()
      const waitMs = response.retryInMillis ?? Math.min(delayMs * jitter, MAX_DELAY_MS)
      delayMs *= DELAY_FACTOR
      if (performance.now() + waitMs > deadline) return response
      await sleep(waitMs)
    }
  }

  async #attempt(headers: Record<string, string>, body: Uint8Array, timeoutMs: number): Promise<ExportResponse> {
    if (this.#isShutDown) return { status: 'failure', error: new Error('the exporter has been shut down') }
    this.#pool ??= this.#createPool()
    const pool = await this.#pool
    return new Promise((resolve) => {
      pool.dispatch({ path: this.#path, method: 'POST', headers, body }, new OtlpExchange(timeoutMs, resolve))
    })
  }

  /** Names are case-insensitive; each is sent once. */
  async #headers(): Promise<Record<string, string>> {
    const { headers, userAgent } = this.#configuration
    const all: Record<string, string> = {
      ...this.#authorization,
      'user-agent': userAgent === undefined ? USER_AGENT : `${userAgent} ${USER_AGENT}`,
    }
    for (const [name, value] of Object.entries(await headers())) all[name.toLowerCase()] = value
    if (this.#isGzip) all['content-encoding'] = 'gzip'
    return all
  }

  get #isGzip(): boolean {
    return this.#configuration.compression === CompressionAlgorithm.GZIP
  }

  /** Closes the connections; pending requests fail. */
  shutdown(): void {
    this.#isShutDown = true
    this.#pool?.then((pool) => pool.destroy()).catch(() => {})
  }

  async #createPool(): Promise<Pool> {
    const { agentFactory, concurrencyLimit, timeoutMillis } = this.#configuration
    const isSecure = this.#origin.startsWith('https:')
    return new Pool(this.#origin, {
      connections: concurrencyLimit,
      allowH2: false,
      // The exchange has its own deadline.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connect: {
        timeout: Math.min(MAX_CONNECT_MS, timeoutMillis),
        ...(isSecure && (await certificatesOf(agentFactory))),
      },
    })
  }
}

/** Basic authentication with the credentials of a URL: https://www.rfc-editor.org/rfc/rfc7617. */
function basic(username: string, password: string): string {
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return `Basic ${Buffer.from(credentials).toString('base64')}`
}

/**
 * The certificates and the key of `OTEL_EXPORTER_OTLP_…`, which OpenTelemetry provides as an agent for `node:https`.
 */
async function certificatesOf(agentFactory: HttpConfiguration['agentFactory']): Promise<buildConnector.BuildOptions> {
  const agent = await agentFactory('https:')
  agent.destroy()
  if (!(agent instanceof Agent)) return {}
  const { ca, cert, key } = agent.options
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) }
}
