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
  'ingestMissing' | 'newestMs' | 'silentGaps' | 'closeGapsWith' | 'watch' | 'mayRepeat'
> & { readonly term: number }

/** What a source hands its samples to, and reports to. */
export interface SampleSink {
  readonly ingester: Ingester & SourceIngester
  readonly journal: StateJournal
  readonly metrics: SidecarMetrics
}

/** Where samples come from: a Prometheus that sends them, or the sidecar's own scraper. */
export interface SampleSource extends ExternalLabels {
  readonly directory: TargetDirectory
  /** Whether each batch is a whole scrape, so that all parts of a histogram come together. */
  readonly wholeScrapes: boolean
  /**
   * How many points may be queued; more are answered with 503 by a source that can send them again, and displace the
   * oldest of one that can't.
   */
  readonly queueCapacity: number
  /** Whether what was not written before the end is sent again. */
  readonly sendsAgain: boolean
  /** Connects the source to ingestion, and adds its routes to the web server before that listens. */
  attach(sink: SampleSink, server: FastifyInstance): void
  start(): void
  /** Takes no more samples, after a grace for those that are on their way. */
  stop(graceMs: number): Promise<void>
  /** Saves what the next run needs, and releases connections and timers. */
  close(): void
  /** Why samples can't be taken now; empty if they can. */
  problems(): readonly string[]
  status(): StatusSection
  /** For the log line at the start. */
  describe(url: string): string
}
