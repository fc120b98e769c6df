import { formatHostPort } from '@node-to-cloud/command-line'
import type { Config } from '../config/config.ts'
import type { SampleIngester } from '../ingest/sample-ingester.ts'
import { VERSION } from '../model/version.ts'
import type { Writer } from '../write/writer.ts'
import type { SidecarMetrics } from './metrics.ts'
import type { StatusSection } from './status-page.ts'

/** What the status page shows of a running sidecar. */
export function statusSections(parts: {
  readonly config: Config
  readonly metrics: SidecarMetrics
  readonly writer: Writer
  readonly ingester: SampleIngester
  /** Prometheus, or the targets that the sidecar scrapes. */
  readonly source: StatusSection
}): StatusSection[] {
  const { config, metrics, writer, ingester, source } = parts
  const { flags, identity } = config
  const { lastSuccessMs, failing } = writer.health
  return [
    {
      title: 'Cloud Monitoring',
      rows: [
        ['Address', `${formatHostPort(flags.apiAddress)}${flags.apiAddress.authenticated ? '' : ', in plaintext'}`],
        ['Project', identity.projectId],
        ['Cluster', `${identity.kubernetesClusterName || '–'} in ${identity.kubernetesLocation || '–'}`],
        ['Points stored', String(metrics.storedPoints)],
        ['Points refused for good', String(metrics.refusedPoints)],
        ['Points queued', String(writer.queuedPoints)],
        ['Requests in flight', `${writer.requestsInFlight} of at most ${writer.concurrency}`],
        ['Last response', formatTime(lastSuccessMs)],
        ['Failing', failing === undefined ? 'no' : `since ${formatTime(failing.sinceMs)}: ${failing.message}`],
      ],
    },
    {
      title: 'Series',
      rows: [
        ['Known', `${ingester.seriesCount} of at most ${flags.maxSeries}`],
        ['Waiting histogram parts', String(ingester.waitingParts)],
        ['State file', flags.stateFile || 'none'],
      ],
    },
    {
      title: 'Dropped samples by reason',
      rows: [...metrics.dropped].map(([reason, count]) => [reason, String(count)] as const),
    },
    source,
    {
      title: 'Build',
      rows: [
        ['Version', VERSION],
        ['Node.js', process.version],
      ],
    },
  ]
}

/** A time (Unix milliseconds) for people; NaN is `never`. */
export function formatTime(timeMs: number): string {
  return Number.isNaN(timeMs) ? 'never' : new Date(timeMs).toISOString()
}
