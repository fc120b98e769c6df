import type { ConversionRules } from '../convert/conversion-rules.ts'
import type { WatchedSeries } from '../model/audit-trail.ts'
import type { SavedState, SeriesState, StateJournal } from '../model/conversion-state.ts'
import type { Gap, GapCloser } from '../model/gap.ts'
import { type Ingester, type InvalidSamples, RetryLaterError } from '../model/ingester.ts'
import type { FollowingLabels } from '../model/labels/following-labels.ts'
import { asBuffer } from '../model/labels/labels.ts'
import { type ComposedLabels, hashLabels } from '../model/labels/labels-hash.ts'
import type { MetricMetadata } from '../model/metadata.ts'
import { monotonicNowMs } from '../model/monotonic-clock.ts'
import type { KnownSeries, SampleBatch } from '../model/sample.ts'
import { NoJournal } from '../state/no-journal.ts'
import type { TargetDirectory } from '../targets/target-directory.ts'
import { UsageByMetric } from '../write/metric-usage.ts'
import type { Writer } from '../write/writer.ts'
import { type Accepted, BatchIntake } from './batch-intake.ts'
import { DeliveryUncertainty } from './delivery-uncertainty.ts'
import { Drops } from './drops.ts'
import { silentSeries } from './gap-detection.ts'
import { type AssemblyOptions, HistogramAssembly } from './histograms/histogram-assembly.ts'
import type { IngestContext } from './ingest-context.ts'
import type { IngestObserver } from './ingest-observer.ts'
import { CounterNames } from './planning/counter-names.ts'
import { HistogramSamples } from './samples/histogram-samples.ts'
import { NativeSamples } from './samples/native-samples.ts'
import { ScalarSamples } from './samples/scalar-samples.ts'
import { newestAcceptedMs } from './samples/series-interval.ts'
import type { EntryPart, SeriesEntry } from './series/series-entry.ts'
import { SeriesTable } from './series/series-table.ts'
import { SeriesCatalog } from './series-catalog.ts'
import { StartTimes } from './start-times.ts'
import type { Ticket } from './ticket.ts'
import { watchSeries } from './watched-series.ts'

/** Options of {@link SampleIngester}. */
export interface IngesterOptions {
  readonly rules: ConversionRules
  readonly targets: TargetDirectory
  readonly writer: Writer
  readonly observer: IngestObserver
  /** The state of the last run. */
  readonly saved?: SavedState | undefined
  readonly assembly: AssemblyOptions
  /** Whether each batch is a whole scrape, so that all parts of a histogram arrive together. */
  readonly wholeScrapes: boolean
  /** Samples of further series are dropped. */
  readonly maxSeries: number
  /** Memory limit of all series together. Default: no limit. */
  readonly maxSeriesBytes?: number
  /** A batch is rejected with "retry later" while this many points are pending. Default: no limit. */
  readonly maxPendingPoints?: number | undefined
  /** A series without samples for this long is forgotten. */
  readonly forgetAfterMs: number
  /** The time in Unix milliseconds, by a monotonic clock. */
  readonly nowMs?: () => number
  /** The time in Unix milliseconds by the system's clock. */
  readonly wallNowMs?: () => number
}

/** The document in the state that holds the names of counters. */
const COUNTERS_DOCUMENT = 'counter-names'
/** After a request has waited this long, histograms keep waiting for members that it may contain. */
const HELD_UP_AFTER_MS = 5_000
/** Prometheus repeats a request within this time while it can't send. */
const SENDING_WITHIN_MS = 60_000

/**
 * Converts samples, queues the points and keeps the state of each series: see "How data flows" in the README. Once the
 * series of a batch are planned, all its samples are processed synchronously, so that no one sees a half-updated
 * series.
 */
export class SampleIngester implements Ingester {
  /** How much was written, by metric. */
  readonly usage = new UsageByMetric()
  /** Number of series of the last run that need more memory than there is now. */
  readonly seriesGivenUp: number
  /** Never changes: this ingester may write all samples at any time. */
  readonly term = 0
  readonly #options: IngesterOptions
  readonly #nowMs: () => number
  readonly #context: IngestContext
  readonly #table = new SeriesTable<SeriesEntry>(({ labels }) => labels, hashLabels)
  readonly #assembly: HistogramAssembly<EntryPart>
  readonly #histograms: HistogramSamples
  readonly #starts: StartTimes
  readonly #catalog: SeriesCatalog
  readonly #counterNames: CounterNames
  readonly #uncertainty: DeliveryUncertainty
  readonly #intake: BatchIntake
  readonly #openRequests = new Set<OpenRequest>()
  #closing = false
  #gapCloser: GapCloser | undefined
  #lastRequestMs = Number.NEGATIVE_INFINITY

  constructor(options: IngesterOptions) {
    const { rules, writer, observer, targets, maxSeries, forgetAfterMs } = options
    this.#options = options
    this.#nowMs = options.nowMs ?? monotonicNowMs
    const wallNowMs = options.wallNowMs ?? Date.now
    const drops = new Drops(observer, this.usage)
    this.#context = { rules, writer, drops, usage: this.usage, journal: new NoJournal() }
    this.#uncertainty = new DeliveryUncertainty(this.#context, this.#nowMs, options.saved)
    this.#assembly = new HistogramAssembly<EntryPart>(options.assembly)
    const scalars = new ScalarSamples(this.#context)
    this.#histograms = new HistogramSamples(this.#context, this.#assembly)
    this.#starts = new StartTimes(this.#context, this.#table, scalars)
    this.#counterNames = new CounterNames(options.saved?.documents.get(COUNTERS_DOCUMENT))
    this.#catalog = new SeriesCatalog(this.#context, {
      table: this.#table,
      targets,
      assembly: this.#assembly,
      starts: this.#starts,
      counterNames: this.#counterNames,
      maxSeries,
      maxSeriesBytes: options.maxSeriesBytes ?? Number.POSITIVE_INFINITY,
      forgetAfterMs,
      nowMs: this.#nowMs,
      wallNowMs,
    })
    this.seriesGivenUp = options.saved === undefined ? 0 : this.#catalog.restore(options.saved.series)
    this.#intake = new BatchIntake(
      {
        drops,
        catalog: this.#catalog,
        assembly: this.#assembly,
        scalars,
        histograms: this.#histograms,
        natives: new NativeSamples(this.#context, this.#assembly),
        starts: this.#starts,
        uncertainty: this.#uncertainty,
      },
      {
        targets,
        observer,
        wholeScrapes: options.wholeScrapes,
        nowMs: this.#nowMs,
        wallNowMs,
      },
    )
  }

  /** Number of known series. */
  get seriesCount(): number {
    return this.#table.size
  }

  /** Estimated memory of all known series. */
  get seriesBytes(): number {
    return this.#catalog.usedBytes
  }

  /** Parts of histograms that are waiting for the others. */
  get waitingParts(): number {
    return this.#assembly.waitingParts
  }

  /** The settled state of all series: the content of a compacted journal. */
  *states(): IterableIterator<SeriesState> {
    for (const entry of this.#table.values()) if (entry.id >= 0) yield entry
  }

  /** Keeps the state in a journal whose content equals {@link states}. Must be called before the first batch. */
  attach(journal: StateJournal): void {
    this.#context.journal = journal
  }

  /** Closes gaps from now on. Must be called before the first batch. */
  closeGapsWith(closer: GapCloser): void {
    this.#gapCloser = closer
  }

  /**
   * The newest accepted sample of a series, settled or not; `unknown` if there never was one; undefined if its samples
   * are dropped.
   */
  newestMs(labels: Uint8Array): number | undefined | 'unknown' {
    const entry = this.#table.get(asBuffer(labels))
    if (entry === undefined) return 'unknown'
    const isKept = entry.role !== undefined && entry.role !== 'created'
    return newestAcceptedMs(entry) ?? (isKept ? 'unknown' : undefined)
  }

  /** Series without accepted samples may be missing some since this time; NaN if not. */
  get uncertainFromMs(): number {
    return this.#uncertainty.uncertainFromMs
  }

  /**
   * Series without samples while others continued or, if no request arrives at all, for a long time. `nowMs` is by the
   * clock of the samples.
   */
  silentGaps(nowMs: number): readonly Gap[] {
    const isSending = this.#openRequests.size > 0 || this.#nowMs() - this.#lastRequestMs < SENDING_WITHIN_MS
    return silentSeries(this.#table.values(), { nowMs, isSending })
  }

  /** Watches the samples of up to `limit` series from now on, chosen at random. */
  watch(limit: number): readonly WatchedSeries[] {
    return watchSeries(this.#table.values(), limit, Math.random)
  }

  /** Whether samples may arrive that were already accepted or had to wait. */
  get mayRepeat(): boolean {
    return this.#uncertainty.mayRepeat
  }

  /** Ingests samples that were missing in a gap, and waits until they are settled. */
  async ingestMissing(batch: SampleBatch): Promise<void> {
    await this.#ingest(batch, { deadlineMs: Number.POSITIVE_INFINITY, closer: undefined })
  }

  /**
   * Forgets all series, so that counters start with a baseline again: another sidecar has written them meanwhile,
   * up to `fromMs`. Nothing may be in flight.
   */
  forgetAll(fromMs = Number.NEGATIVE_INFINITY): void {
    this.#catalog.forgetAll()
    this.#uncertainty.startFrom(fromMs)
  }

  /** Rejects new batches; those in flight continue. */
  close(): void {
    this.#closing = true
  }

  /** Rejects the batches that still wait: nothing will be settled any more. */
  abandon(): void {
    for (const request of this.#openRequests) request.giveUp('closing')
  }

  addMetadata(metadata: readonly MetricMetadata[]): void {
    this.#catalog.addMetadata(metadata)
  }

  seriesOf(labels: ComposedLabels): KnownSeries | undefined {
    return this.#catalog.findComposed(labels)
  }

  seriesAfter(before: KnownSeries | undefined, labels: FollowingLabels): KnownSeries | undefined {
    return this.#catalog.findFollowing(before, labels)
  }

  async ingest(batch: SampleBatch, { deadlineMs }: { readonly deadlineMs: number }): Promise<InvalidSamples> {
    this.#lastRequestMs = this.#nowMs()
    return this.#ingest(batch, { deadlineMs, closer: this.#gapCloser })
  }

  /**
   * Not async, so that nothing holds on to the batch while its samples are written; the garbage collector would move
   * it.
   */
  async #ingest(
    batch: SampleBatch,
    { deadlineMs, closer }: { readonly deadlineMs: number; readonly closer: GapCloser | undefined },
  ): Promise<InvalidSamples> {
    if (this.#closing) throw new RetryLaterError('closing', 'the sidecar is shutting down')
    const { queuedPoints } = this.#options.writer
    if (queuedPoints >= (this.#options.maxPendingPoints ?? Number.POSITIVE_INFINITY)) {
      throw new RetryLaterError('full', `${queuedPoints} points are already waiting to be written`)
    }
    return this.#settle(this.#intake.accept(batch, closer), batch.timestampsMs, deadlineMs)
  }

  /** Waits until everything that was accepted of a batch is settled. `timestampsMs` are those of its samples. */
  async #settle(
    accepting: Promise<Accepted>,
    timestampsMs: readonly number[],
    deadlineMs: number,
  ): Promise<InvalidSamples> {
    const { promise: gaveUp, resolve: giveUp } = Promise.withResolvers<'deadline' | 'closing'>()
    const request: OpenRequest = { sinceMs: this.#nowMs(), timestampsMs, giveUp }
    this.#openRequests.add(request)
    const timer = Number.isFinite(deadlineMs) ? setTimeout(() => giveUp('deadline'), deadlineMs) : undefined
    try {
      const accepted = await Promise.race([accepting, gaveUp])
      if (typeof accepted === 'string') throw tooLate(accepted, 'Prometheus did not report its targets in time')
      const settled = await Promise.race([this.#settleAll(accepted.ticket), gaveUp])
      if (settled !== undefined) throw tooLate(settled, 'Cloud Monitoring did not accept all points in time')
      if (accepted.full)
        throw new RetryLaterError('full', `${this.#assembly.waitingParts} parts of histograms are waiting for others`)
      return accepted.invalid
    } catch (error) {
      this.#noteUncertainty(request)
      this.#assembly.holdUp(this.#nowMs())
      throw error
    } finally {
      clearTimeout(timer)
      this.#openRequests.delete(request)
    }
  }

  /** Writes histograms that need not wait any longer. Call it about once a second. */
  tick(): void {
    const nowMs = this.#nowMs()
    for (const request of this.#openRequests) {
      if (nowMs - request.sinceMs <= HELD_UP_AFTER_MS) continue
      this.#assembly.holdUp(nowMs)
      this.#noteUncertainty(request)
    }
    this.#histograms.emitDue(nowMs)
    const names = this.#counterNames.save()
    if (names !== undefined) this.#context.journal.document(COUNTERS_DOCUMENT, names)
  }

  /** Forgets series that have been silent for a long time. Call it every few minutes. */
  sweep(): void {
    this.#catalog.sweep()
    this.#starts.sweep()
  }

  /** The samples of a request may be resent, or skipped. */
  #noteUncertainty({ timestampsMs }: OpenRequest): void {
    let newestMs = Number.NEGATIVE_INFINITY
    for (const timestampMs of timestampsMs) if (timestampMs > newestMs) newestMs = timestampMs
    this.#uncertainty.note(timestampsMs[0] ?? Number.NaN, newestMs)
  }

  async #settleAll(ticket: Ticket): Promise<void> {
    await ticket.done
    try {
      await this.#context.journal.commit()
    } catch (cause) {
      throw new RetryLaterError('state', 'the state file can’t be written', { cause })
    }
  }
}

/** A batch whose outcome is still open. */
interface OpenRequest {
  readonly sinceMs: number
  /** Those of its samples. */
  readonly timestampsMs: readonly number[]
  giveUp(reason: 'deadline' | 'closing'): void
}

function tooLate(reason: 'deadline' | 'closing', message: string): RetryLaterError {
  return new RetryLaterError(reason, reason === 'closing' ? 'the sidecar is shutting down' : message)
}
