import type { SampleIngester } from '../ingest/sample-ingester.ts'
import { MAX_AHEAD_MS } from '../ingest/samples/series-interval.ts'
import type { WatchedSeries } from '../model/audit-trail.ts'
import type { StateJournal } from '../model/conversion-state.ts'
import type { Gap, GapCloser } from '../model/gap.ts'
import { type Ingester, type InvalidSamples, NOTHING_INVALID, RetryLaterError } from '../model/ingester.ts'
import type { FollowingLabels } from '../model/labels/following-labels.ts'
import type { ComposedLabels } from '../model/labels/labels-hash.ts'
import type { MetricMetadata } from '../model/metadata.ts'
import type { KnownSeries, SampleBatch } from '../model/sample.ts'
import type { Candidate, Election } from './election.ts'
import { newestOf, samplesWithin } from './samples-within.ts'

/** The document in the state that holds the term it belongs to. */
export const TERM_DOCUMENT = 'term'

type ElectedParts = Pick<
  SampleIngester,
  | 'seriesOf'
  | 'seriesAfter'
  | 'ingest'
  | 'ingestMissing'
  | 'addMetadata'
  | 'newestMs'
  | 'uncertainFromMs'
  | 'silentGaps'
  | 'closeGapsWith'
  | 'watch'
  | 'mayRepeat'
  | 'forgetAll'
>

/** Options of {@link ElectedIngester}. */
export interface ElectedIngesterOptions {
  readonly ingester: ElectedParts
  readonly election: Election
  readonly journal: StateJournal
  /** How many points are waiting to be written. */
  readonly queuedPoints: () => number
  readonly observer: { sampleDropped(reason: 'standby'): void }
  readonly wallNowMs?: () => number
}

/**
 * Ingests the samples that the election assigns to this sidecar. Samples assigned to another one are dropped and
 * counted; undecided samples wait, and have to be resent if that takes too long.
 */
export class ElectedIngester implements Ingester, Candidate {
  readonly #options: ElectedIngesterOptions
  readonly #wallNowMs: () => number
  readonly #open = new Set<{ readonly sinceMs: number }>()
  #newestAcceptedMs = Number.NaN
  #newestLeftMs = Number.NEGATIVE_INFINITY

  constructor(options: ElectedIngesterOptions) {
    this.#options = options
    this.#wallNowMs = options.wallNowMs ?? Date.now
  }

  async ingest(batch: SampleBatch, { deadlineMs }: { readonly deadlineMs: number }): Promise<InvalidSamples> {
    const { election, ingester } = this.#options
    const startedMs = performance.now()
    const leftMs = () => deadlineMs - (performance.now() - startedMs)
    // Samples further ahead are invalid, so there is no need to wait for their writer.
    const newestMs = newestOf(batch, this.#wallNowMs() + MAX_AHEAD_MS)
    while (newestMs > election.decidedUntilMs) {
      if (leftMs() <= 0) {
        throw new RetryLaterError('lease', `the lease ${election.leaseName} does not say yet which sidecar writes`)
      }
      await election.change(Math.max(1, leftMs()))
    }
    const { own, left } = this.#split(batch)
    const invalid =
      own.spans.length === 0
        ? NOTHING_INVALID
        : await this.#during(own, () => ingester.ingest(own, { deadlineMs: Math.max(1, leftMs()) }))
    for (let sample = 0; sample < left; sample++) this.#options.observer.sampleDropped('standby')
    return invalid
  }

  seriesOf(labels: ComposedLabels): KnownSeries | undefined {
    return this.#options.ingester.seriesOf(labels)
  }

  seriesAfter(before: KnownSeries | undefined, labels: FollowingLabels): KnownSeries | undefined {
    return this.#options.ingester.seriesAfter(before, labels)
  }

  /** Those of another sidecar are not counted: most were counted when Prometheus sent them. */
  async ingestMissing(batch: SampleBatch): Promise<void> {
    const { own } = this.#split(batch)
    if (own.spans.length > 0) await this.#during(own, () => this.#options.ingester.ingestMissing(own))
  }

  addMetadata(metadata: readonly MetricMetadata[]): void {
    this.#options.ingester.addMetadata(metadata)
  }

  newestMs(labels: Uint8Array): number | undefined | 'unknown' {
    return this.#options.ingester.newestMs(labels)
  }

  get uncertainFromMs(): number {
    return this.#options.ingester.uncertainFromMs
  }

  silentGaps(nowMs: number): readonly Gap[] {
    return this.#options.election.isLeader ? this.#options.ingester.silentGaps(nowMs) : []
  }

  closeGapsWith(closer: GapCloser): void {
    this.#options.ingester.closeGapsWith(closer)
  }

  watch(limit: number): readonly WatchedSeries[] {
    return this.#options.election.isLeader ? this.#options.ingester.watch(limit) : []
  }

  get mayRepeat(): boolean {
    return this.#options.ingester.mayRepeat
  }

  get term(): number {
    const { isLeader, own } = this.#options.election
    return isLeader ? own.fromMs : -1
  }

  isIdle(): boolean {
    return this.#open.size === 0 && this.#options.queuedPoints() === 0
  }

  unsettledSinceMs(): number | undefined {
    const [oldest] = this.#open
    return oldest?.sinceMs
  }

  newestAcceptedMs(): number {
    return this.#newestAcceptedMs
  }

  newestLeftMs(): number {
    return this.#newestLeftMs
  }

  startTerm(writesFromMs: number): void {
    this.#newestAcceptedMs = writesFromMs
    this.#options.ingester.forgetAll(writesFromMs)
    this.#options.journal.document(TERM_DOCUMENT, writesFromMs)
  }

  #split(batch: SampleBatch): { readonly own: SampleBatch; readonly left: number } {
    const { batch: own, left } = samplesWithin(batch, this.#options.election.own)
    if (left > 0)
      this.#newestLeftMs = Math.max(this.#newestLeftMs, newestOf(batch, this.#options.election.decidedUntilMs))
    return { own, left }
  }

  async #during<Result>(batch: SampleBatch, act: () => Promise<Result>): Promise<Result> {
    const newestMs = newestOf(batch, Number.POSITIVE_INFINITY)
    if (newestMs > this.#newestAcceptedMs) this.#newestAcceptedMs = newestMs
    const open = { sinceMs: this.#wallNowMs() }
    this.#open.add(open)
    try {
      return await act()
    } finally {
      this.#open.delete(open)
    }
  }
}
