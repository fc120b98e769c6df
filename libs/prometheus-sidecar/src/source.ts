import type { FastifyInstance } from 'fastify'
import type { StatusSection } from './contract/status.ts'
import type { SampleIngester } from './ingest/sample-ingester.ts'
import type { StateJournal } from './model/conversion-state.ts'
import type { Ingester } from './model/ingester.ts'
import type { ExternalLabels } from './model/labels/external-labels.ts'
import type { TargetDirectory } from './targets/target-directory.ts'
import type { SidecarMetrics } from './web/metrics.ts'

type SourceIngester = Pick<
  SampleIngester,
  'ingestMissing' | 'newestMs' | 'uncertainFromMs' | 'silentGaps' | 'closeGapsWith' | 'watch' | 'mayRepeat'
> & { readonly term: number }

/** What a source passes its samples and reports to. */
export interface SampleSink {
  readonly ingester: Ingester & SourceIngester
  readonly journal: StateJournal
  readonly metrics: SidecarMetrics
}

/** Where samples come from: a Prometheus that sends them, or the sidecar's own scraper. */
export interface SampleSource extends ExternalLabels {
  readonly directory: TargetDirectory
  /** Whether each batch is a whole scrape, so that all parts of a histogram arrive together. */
  readonly wholeScrapes: boolean
  /**
   * How many points may be queued; beyond that, a source that can resend samples gets 503, and for one that can't, new
   * points displace the oldest.
   */
  readonly queueCapacity: number
  /** Whether samples that were not written before shutdown are resent. */
  readonly sendsAgain: boolean
  /** Connects the source to ingestion, and adds its routes to the web server before that listens. */
  attach(sink: SampleSink, server: FastifyInstance): void
  start(): void
  /** Stops accepting samples, after a grace period for those on their way. */
  stop(graceMs: number): Promise<void>
  /** Saves the state for the next run, and releases connections and timers. */
  close(): void
  /** Why samples can't be accepted now; empty if they can. */
  problems(): readonly string[]
  status(): StatusSection
  /** For the log line at startup. */
  describe(url: string): string
}
