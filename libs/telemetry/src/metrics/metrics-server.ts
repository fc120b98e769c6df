import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { messageOf } from '@node-to-cloud/command-line'
import { negotiateFormat } from './accept.ts'
import { EXPOSITION_CONTENT_TYPES, type ExpositionFormat, renderExposition } from './exposition.ts'
import type { MetricFamily } from './family.ts'
import { type ReadinessCheck, reasonsOf } from './readiness.ts'

/** What the metrics server serves, and where. */
export interface MetricsServerOptions {
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  /** Collects the metrics for `/metrics`; concurrent scrapes share one call. If omitted, metrics are not served. */
  readonly collect?: (() => Promise<Iterable<MetricFamily>>) | undefined
  /** Called for each `/readyz`. */
  readonly readiness: ReadinessCheck
}

/** A listening metrics server. */
export interface MetricsServer {
  /** Such as `http://127.0.0.1:9101`. */
  readonly url: string
  readonly port: number
  /** Waits until a scrape that starts from now on has been answered. Returns whether that happened within this time. */
  nextScrape(timeoutMs: number): Promise<boolean>
  close(): Promise<void>
}

const MAX_CONNECTIONS = 256
const CLOSE_TIMEOUT_MS = 1_000
/** Longer than that of a single check. */
const READINESS_TIMEOUT_MS = 900

/**
 * Serves `/metrics` in the exposition format chosen by the Accept header, `/healthz` (200 while the process can respond
 * at all) and `/readyz` (200, or 503 with the reasons). Other paths get 404, methods other than GET and HEAD get 405.
 * Every request is limited in time and size.
 *
 * @throws the system's error if the port is not available
 */
export async function listenMetrics(options: MetricsServerOptions): Promise<MetricsServer> {
  const waiting = new Set<() => void>()
  const server = createServer(
    { requestTimeout: 10_000, headersTimeout: 5_000, keepAliveTimeout: 75_000, connectionsCheckingInterval: 5_000 },
    createMetricsHandler(options, (response) => {
      for (const scraped of waiting) response.once('finish', scraped)
    }),
  )
  server.maxConnections = MAX_CONNECTIONS
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const { port } = server.address() as AddressInfo
  const nextScrape = (timeoutMs: number): Promise<boolean> =>
    new Promise((resolve) => {
      const end = (isScraped: boolean): void => {
        clearTimeout(timer)
        waiting.delete(scraped)
        resolve(isScraped)
      }
      const scraped = (): void => end(true)
      const timer = setTimeout(end, timeoutMs, false)
      waiting.add(scraped)
    })
  return { url: `http://${urlHost(options.host)}:${port}`, port, nextScrape, close: () => closeServer(server) }
}

function createMetricsHandler(
  options: MetricsServerOptions,
  onScrape: (response: ServerResponse) => void,
): (request: IncomingMessage, response: ServerResponse) => void {
  const scrape = options.collect && shareWhilePending(options.collect)
  return (request, response) => {
    const path = pathOf(request.url ?? '')
    if (path !== '/metrics' && path !== '/healthz' && path !== '/readyz') {
      answer(response, 404, 'Not found. Available: /metrics, /healthz and /readyz.\n')
    } else if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD')
      answer(response, 405, 'Only GET and HEAD are allowed.\n')
    } else if (path === '/healthz') {
      answer(response, 200, 'ok\n')
    } else if (path === '/readyz') {
      void reasonsOf(options.readiness, READINESS_TIMEOUT_MS).then((reasons) =>
        answer(
          response,
          reasons.length === 0 ? 200 : 503,
          reasons.length === 0 ? 'ok\n' : `not ready: ${reasons.join('; ')}\n`,
        ),
      )
    } else if (scrape === undefined) {
      answer(response, 404, 'Metrics are not served here: OTEL_METRICS_EXPORTER does not include prometheus.\n')
    } else {
      const format = negotiateFormat(request.headers.accept)
      if (request.method === 'GET') onScrape(response)
      scrape()
        .then((families) => renderExposition(families, format))
        .then(
          (text) => answerMetrics(response, text, format),
          (error: unknown) => answer(response, 500, `The metrics can't be collected: ${messageOf(error)}\n`),
        )
    }
  }
}

/** The path of a request target, which proxies may send as a whole URL: RFC 9112, section 3.2.2. */
function pathOf(target: string): string {
  const withoutOrigin = /^https?:\/\//i.test(target) ? target.replace(/^https?:\/\/[^/?#]*/i, '') : target
  return withoutOrigin.split('?', 1)[0] ?? ''
}

function answerMetrics(response: ServerResponse, text: string, format: ExpositionFormat): void {
  response.setHeader('Vary', 'Accept')
  answer(response, 200, text, EXPOSITION_CONTENT_TYPES[format])
}

function answer(
  response: ServerResponse,
  status: number,
  text: string,
  contentType = 'text/plain; charset=utf-8',
): void {
  response.statusCode = status
  response.setHeader('Content-Type', contentType)
  response.setHeader('Content-Length', Buffer.byteLength(text))
  response.end(response.req.method === 'HEAD' ? undefined : text)
}

/** Shares one run of `work` among concurrent callers, so that many scrapers cost no more than one. */
function shareWhilePending<T>(work: () => Promise<T>): () => Promise<T> {
  let pending: Promise<T> | undefined
  return () => {
    pending ??= work().finally(() => {
      pending = undefined
    })
    return pending
  }
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => server.closeAllConnections(), CLOSE_TIMEOUT_MS).unref()
    server.close((error) => {
      clearTimeout(timer)
      error === undefined ? resolve() : reject(error)
    })
    server.closeIdleConnections()
  })
}

/** A host in the form used in URLs: IPv6 in brackets, and `localhost` for "all addresses". */
export function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}
