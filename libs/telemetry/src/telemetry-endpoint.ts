import type { Logger } from './logs/logger.ts'
import type { MetricFamily } from './metrics/family.ts'
import { listenMetrics, type MetricsServer } from './metrics/metrics-server.ts'
import { type ReadinessCheck, reasonsOf } from './metrics/readiness.ts'
import type { Shutdown } from './process/shutdown.ts'
import type { TelemetryEnvironment } from './process/telemetry-environment.ts'

/** Whether a service is ready, and why it is not. */
export interface Readiness {
  readonly reasons: ReadinessCheck
  /** Whether the service has been ready. */
  readonly hasStarted: () => boolean
  readonly setReady: () => void
  readonly addCheck: (check: ReadinessCheck) => void
}

/** Creates the readiness of a service; it is not ready during its shutdown. */
export function createReadiness(shutdown: Shutdown): Readiness {
  const checks: ReadinessCheck[] = []
  let started = false
  return {
    setReady: () => {
      started = true
    },
    addCheck: (check) => checks.push(check),
    hasStarted: () => started,
    async reasons() {
      if (shutdown.begun) return ['shutting down']
      if (!started) return ['starting']
      return (await Promise.all(checks.map((check) => reasonsOf(check)))).flat()
    },
  }
}

interface Endpoint {
  readonly collect: () => Promise<Iterable<MetricFamily>>
  readonly readiness: Readiness
  readonly shutdown: Shutdown
  readonly logger: Logger
}

/** Serves metrics and health until the process exits. Returns the URL, such as `http://127.0.0.1:9101`. */
export async function serveMetrics(
  environment: TelemetryEnvironment,
  { collect, readiness, shutdown, logger }: Endpoint,
): Promise<string> {
  const isServed = environment.OTEL_METRICS_EXPORTER.includes('prometheus')
  const server = await listenMetrics({
    host: environment.HOST,
    port: environment.METRICS_PORT,
    collect: isServed ? collect : undefined,
    readiness: readiness.reasons,
  })
  shutdown.add('metrics server', server.close)
  const { LAST_SCRAPE_SECONDS: seconds } = environment
  if (isServed && seconds > 0) addLastScrape(server, { shutdown, readiness, logger, seconds })
  const { url } = server
  if (isServed) logger.info({ url: `${url}/metrics` }, `Metrics are at ${url}/metrics.`)
  else logger.info({ url: `${url}/healthz` }, `Metrics are not served; health is at ${url}/healthz.`)
  return url
}

interface LastScrape {
  readonly shutdown: Shutdown
  readonly readiness: Readiness
  readonly logger: Logger
  readonly seconds: number
}

/**
 * Adds a last scrape for when nothing more is counted. A process that fails, or was never ready, does not wait for it.
 */
function addLastScrape({ nextScrape }: MetricsServer, { shutdown, readiness, logger, seconds }: LastScrape): void {
  shutdown.add('last scrape', async () => {
    if (!shutdown.isOrderly || !readiness.hasStarted() || (await nextScrape(seconds * 1000))) return
    logger.warn({ seconds }, `Not scraped within ${seconds} s: what was counted since the last scrape is lost.`)
  })
}
