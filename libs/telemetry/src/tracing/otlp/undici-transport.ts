import { Agent } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { CompressionAlgorithm, type IExporterTransport } from '@opentelemetry/otlp-exporter-base'
import type { convertLegacyHttpOptions } from '@opentelemetry/otlp-exporter-base/node-http'
import { type buildConnector, Pool } from 'undici'
import { OtlpExchange } from './otlp-exchange.ts'

/** Where and how requests are sent: OpenTelemetry's configuration of an exporter over HTTP, its `OTEL_EXPORTER_OTLP_…` merged in. */
export type HttpConfiguration = ReturnType<typeof convertLegacyHttpOptions>

/** How a request ended, in OpenTelemetry's form. */
export type ExportResponse = Awaited<ReturnType<IExporterTransport['send']>>

/** When a request is sent again, as in OpenTelemetry's own transport. */
const MAX_RETRIES = 5
const FIRST_DELAY_MS = 1_000
const MAX_DELAY_MS = 5_000
const DELAY_FACTOR = 1.5
const JITTER = 0.2

const compress = promisify(gzip)

/**
 * Sends requests of OTLP over HTTP by undici. OpenTelemetry's own transport goes by `node:http`, whose requests share their classes with the answers of an
 * HTTP server in the same process: V8 then meets objects of so many shapes in `node:http` that each answer takes the server 1 µs more.
 */
export class UndiciTransport implements IExporterTransport {
  readonly #configuration: HttpConfiguration
  readonly #origin: string
  readonly #path: string
  readonly #authorization: Readonly<Record<string, string>>
  #pool: Promise<Pool> | undefined

  constructor(configuration: HttpConfiguration) {
    this.#configuration = configuration
    const { origin, pathname, search, username, password } = new URL(configuration.url)
    this.#origin = origin
    this.#path = `${pathname}${search}`
    this.#authorization = username === '' && password === '' ? {} : { authorization: basic(username, password) }
  }

  /**
   * Sends `data`, and again where the collector or the network lets hope.
   *
   * @param timeoutMs - for all attempts together
   * @returns how the last attempt ended; it is not rejected for what the collector or the network do
   */
  async send(data: Uint8Array, timeoutMs: number): Promise<ExportResponse> {
    const deadline = performance.now() + timeoutMs
    const remainingMs = () => deadline - performance.now()
    const body = this.#isGzip ? await compress(data) : data
    let delayMs = FIRST_DELAY_MS
    for (let attempt = 0; ; attempt++) {
      const response = await this.#attempt(body, remainingMs())
      if (response.status !== 'retryable' || attempt === MAX_RETRIES) return response
      const jitter = 1 - JITTER + 2 * JITTER * Math.random()
      const waitMs = response.retryInMillis ?? Math.min(delayMs * jitter, MAX_DELAY_MS)
      delayMs *= DELAY_FACTOR
      if (waitMs > remainingMs()) return response
      await sleep(waitMs)
    }
  }

  async #attempt(body: Uint8Array, timeoutMs: number): Promise<ExportResponse> {
    this.#pool ??= this.#createPool()
    const pool = await this.#pool
    const headers = {
      ...this.#authorization,
      ...(await this.#configuration.headers()),
      ...(this.#isGzip && { 'content-encoding': 'gzip' }),
    }
    return new Promise((resolve) => {
      pool.dispatch({ path: this.#path, method: 'POST', headers, body }, new OtlpExchange(timeoutMs, resolve))
    })
  }

  get #isGzip(): boolean {
    return this.#configuration.compression === CompressionAlgorithm.GZIP
  }

  /** Closes the connections; what is under way is given up. */
  shutdown(): void {
    this.#pool?.then((pool) => pool.destroy()).catch(() => {})
  }

  async #createPool(): Promise<Pool> {
    const { agentFactory, concurrencyLimit } = this.#configuration
    const isSecure = this.#origin.startsWith('https:')
    return new Pool(this.#origin, {
      connections: concurrencyLimit,
      allowH2: false,
      // The deadline is that of the whole.
      headersTimeout: 0,
      bodyTimeout: 0,
      ...(isSecure && { connect: await certificatesOf(agentFactory) }),
    })
  }
}

/** The header for the credentials of a URL: https://www.rfc-editor.org/rfc/rfc7617. */
function basic(username: string, password: string): string {
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return `Basic ${Buffer.from(credentials).toString('base64')}`
}

/** The certificates and the key of `OTEL_EXPORTER_OTLP_…`, which OpenTelemetry reads for an agent of `node:https`. */
async function certificatesOf(agentFactory: HttpConfiguration['agentFactory']): Promise<buildConnector.BuildOptions> {
  const agent = await agentFactory('https:')
  agent.destroy()
  if (!(agent instanceof Agent)) return {}
  const { ca, cert, key } = agent.options
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) }
}
