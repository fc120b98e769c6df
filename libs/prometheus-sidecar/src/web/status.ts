import { formatCount } from '@node-to-cloud/browser-kit/format/value'
import { formatHostPort } from '@node-to-cloud/command-line'
import type { Config } from '../config/config.ts'
import type { StatusSection } from '../contract/status.ts'
import type { Election } from '../election/election.ts'
import type { SampleIngester } from '../ingest/sample-ingester.ts'
import { VERSION } from '../model/version.ts'
import type { Writer } from '../write/writer.ts'
import { REFUSED_POINTS, type SidecarMetrics, STORED_POINTS } from './metrics.ts'
import type { RecentCounts } from './recent-counts.ts'
import { usageSection } from './usage-text.ts'

/** The sections of the status page. */
export function statusSections(parts: {
  readonly config: Config
  readonly metrics: SidecarMetrics
  readonly recent: RecentCounts
  readonly writer: Writer
  readonly ingester: SampleIngester
  readonly election: Election | undefined
  /** Prometheus, or the targets that the sidecar scrapes. */
  readonly source: StatusSection
}): StatusSection[] {
  const { config, metrics, recent, writer, ingester, election, source } = parts
  const { flags, identity } = config
  const { lastSuccessMs, failing } = writer.health
  return [
    {
      title: 'Cloud Monitoring',
      rows: [
        ['Address', `${formatHostPort(flags.apiAddress)}${flags.apiAddress.authenticated ? '' : ', in plaintext'}`],
        ['Project', identity.projectId],
        ['Cluster', clusterText(identity)],
        ['Points stored', recent.describe(STORED_POINTS)],
        ['Points refused for good', recent.describe(REFUSED_POINTS)],
        ['Points queued', formatCount(writer.queuedPoints)],
        ['Requests in flight', `${writer.requestsInFlight} of at most ${writer.concurrency}`],
        ['Last response', formatTime(lastSuccessMs)],
        ['Failing', failing === undefined ? 'no' : `since ${formatTime(failing.sinceMs)}: ${failing.message}`],
      ],
    },
    {
      title: 'Series',
      rows: [
        ['Known', `${formatCount(ingester.seriesCount)} of at most ${formatCount(flags.maxSeries)}`],
        ['Waiting histogram parts', formatCount(ingester.waitingParts)],
        ['State file', flags.stateFile || 'none'],
      ],
    },
    {
      title: 'Dropped samples by reason',
      rows:
        metrics.dropped.size === 0
          ? [['None', 'since the start']]
          : [...metrics.dropped.keys()].map((reason) => [reason, recent.describe(reason)] as const),
    },
    ...(election === undefined ? [] : [electionSection(election)]),
    source,
    usageSection(ingester.usage.monthly()),
    {
      title: 'Build',
      rows: [
        ['Version', VERSION],
        ['Node.js', process.version],
      ],
    },
  ]
}

function electionSection({ isLeader, holder, leaseName, own, decidedUntilMs, problem }: Election): StatusSection {
  return {
    title: 'Election',
    rows: [
      ['This sidecar', isLeader ? 'writes' : 'stands by'],
      ['Lease', leaseName],
      ['Holder', holder || 'none yet'],
      ['Writes samples after', isLeader ? (own.fromMs === 0 ? 'all' : formatTime(own.fromMs)) : 'none'],
      ['Writer decided for samples up to', formatTime(Number.isFinite(decidedUntilMs) ? decidedUntilMs : Number.NaN)],
      ['Problem', problem ?? 'none'],
    ],
  }
}

/** A time (Unix milliseconds) for display; NaN is `none yet`. */
export function formatTime(timeMs: number): string {
  return Number.isNaN(timeMs) ? 'none yet' : `${new Date(timeMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

function clusterText({ kubernetesClusterName: name, kubernetesLocation: location }: Config['identity']): string {
  if (!name && !location) return 'none: not in Kubernetes'
  return `${name || 'unnamed'} in ${location || 'an unknown location'}`
}
