import type { AppConfig } from './app.ts'
import type { SampleIngester } from './ingest/sample-ingester.ts'
import type { SidecarMetrics } from './metrics.ts'
import type { ScrapeLoop } from './scrape/scrape-loop.ts'
import type { Source } from './source.ts'
import { VERSION } from './version.ts'
import type { StatusSection } from './web/status-page.ts'
import type { Writer } from './write/writer.ts'

/** What the status page shows of a running sidecar. */
export function statusSections(parts: {
  readonly config: AppConfig
  readonly metrics: SidecarMetrics
  readonly writer: Writer
  readonly ingester: SampleIngester
  readonly source: Source
  readonly loop: ScrapeLoop | undefined
}): StatusSection[] {
  const { config, metrics, writer, ingester, source, loop } = parts
  const { flags, identity } = config
  const { lastSuccessMs, failing } = writer.health
  const sections: StatusSection[] = [
    {
      title: 'Cloud Monitoring',
      rows: [
        ['Address', flags.apiAddressText],
        ['Project', identity.projectId],
        ['Cluster', `${identity.kubernetesClusterName || '–'} in ${identity.kubernetesLocation || '–'}`],
        ['Points stored', String(metrics.storedPoints)],
        ['Points refused for good', String(metrics.refusedPoints)],
        ['Points on their way', String(writer.queuedPoints)],
        ['Requests in flight', `${writer.requestsInFlight} of at most ${writer.concurrency}`],
        ['Last answer', time(lastSuccessMs)],
        ['Failing', failing === undefined ? 'no' : `since ${time(failing.sinceMs)}: ${failing.message}`],
      ],
    },
    {
      title: 'Series',
      rows: [
        ['Known', `${ingester.seriesCount} of at most ${flags.maxSeries}`],
        ['Histogram parts that wait', String(ingester.waitingParts)],
        ['State file', flags.stateFile || 'none'],
      ],
    },
    {
      title: 'Samples dropped, by reason',
      rows: [...metrics.dropped].map(([reason, count]) => [reason, String(count)] as const),
    },
  ]
  if (source.kind === 'prometheus') {
    const { lastAnswerMs, lastError, targets } = source.directory.health
    sections.push({
      title: 'Prometheus',
      rows: [
        ['Address', flags.prometheus.url.href],
        ['Targets known', String(targets)],
        ['Last answer', time(lastAnswerMs)],
        ['Error', lastError ?? 'none'],
      ],
    })
  }
  if (loop !== undefined) {
    sections.push({
      title: 'Targets',
      rows: loop.health.map(({ target, up, lastError, samples, durationSeconds }) => [
        `${target.job.name}: ${target.url}`,
        up === undefined
          ? 'not scraped yet'
          : up
            ? `up, ${samples} samples in ${(durationSeconds * 1000).toFixed(0)} ms`
            : `down: ${lastError}`,
      ]),
    })
  }
  sections.push({
    title: 'Build',
    rows: [
      ['Version', VERSION],
      ['Node.js', process.version],
    ],
  })
  return sections
}

function time(timeMs: number): string {
  return Number.isNaN(timeMs) ? 'never' : new Date(timeMs).toISOString()
}
