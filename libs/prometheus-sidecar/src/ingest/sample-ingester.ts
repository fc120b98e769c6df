import type { ConversionRules } from '../convert/conversion-rules.ts'
import type { DropReason } from '../convert/drop-reason.ts'
import type { SavedState, SeriesState, StateJournal } from '../model/conversion-state.ts'
import type { Gap, GapCloser } from '../model/gap.ts'
import { type Ingester, type InvalidSamples, NOTHING_INVALID, RetryLaterError } from '../model/ingester.ts'
import { asBuffer } from '../model/labels.ts'
import type { MetricMetadata } from '../model/metadata.ts'
import { monotonicNowMs } from '../model/monotonic-clock.ts'
import type { SampleBatch, SeriesSpan } from '../model/sample.ts'
import { NoJournal } from '../state/no-journal.ts'
import type { TargetDirectory } from '../targets/target-directory.ts'
import type { Writer } from '../write/writer.ts'
import { Drops } from './drops.ts'
import { type GapLimits, gapsBefore, silentSeries } from './gap-detection.ts'
import { type HistogramBatch, HistogramSamples } from './histogram-samples.ts'
import { type AssemblyOptions, HistogramAssembly } from './histograms/histogram-assembly.ts'
import type { IngestContext } from './ingest-context.ts'
import type { IngestObserver } from './ingest-observer.ts'
import { ScalarSamples } from './scalar-samples.ts'
import { type EntryPart, SeriesEntry } from './series/series-entry.ts'
import { SeriesTable } from './series/series-table.ts'
import { SeriesCatalog } from './series-catalog.ts'
import { newestAcceptedMs } from './series-interval.ts'
import { StartTimes } from './start-times.ts'
import { Ticket } from './ticket.ts'

export interface IngesterOptions {
  readonly rules: ConversionRules
  readonly targets: TargetDirectory
  readonly writer: Writer
  readonly observer: IngestObserver
  /** The state of the last run. */
  readonly saved?: SavedState | undefined
  readonly assembly: AssemblyOptions
  /** Whether each batch is a whole scrape, so that all parts of a histogram come together. */
  readonly wholeScrapes: boolean
  /** Samples of further series are dropped. */
  readonly maxSeries: number
  /** A batch is rejected with "retry later" while this many points are pending. Default: no limit. */
  readonly maxPendingPoints?: number | undefined
  /** A series without samples for this long is forgotten. */
  readonly forgetAfterMs: number
  /** The time in Unix milliseconds, by a clock that never goes back. */
  readonly nowMs?: () => number
  /** The time in Unix milliseconds by the system's clock. */
  readonly wallNowMs?: () => number
}

/** Cloud Monitoring refuses points that are further ahead. */
const MAX_AHEAD_MS = 5 * 60_000
/** The document in the state that holds when trouble began. */
const UNCERTAIN_DOCUMENT = 'uncertain-from'
/** How far behind the newest settled sample those in flight may be while all is well. */
const IN_FLIGHT_MS = 60_000
/** How long after a failed request its samples may come again. */
const REPEATS_WITHIN_MS = 10 * 60_000
/** How long a request may wait before histograms go on waiting for members it may bring. */
const HELD_UP_AFTER_MS = 5_000
/** Prometheus repeats a request within this time while it can't send. */
const SENDING_WITHIN_MS = 60_000

/**
 * Converts samples, queues the points and keeps the state of each series: see "How data flows" in the README. Once the
 * series of a batch are planned, all its samples are processed in one go, so that the state of a series is never seen
 * half changed.
 */
export class SampleIngester implements Ingester {
  readonly #options: IngesterOptions
  readonly #nowMs: () => number
  readonly #wallNowMs: () => number
  readonly #drops: Drops
  readonly #context: IngestContext
  readonly #table = new SeriesTable<SeriesEntry>(({ labels }) => labels)
  readonly #assembly: HistogramAssembly<EntryPart>
  readonly #scalars: ScalarSamples
  readonly #histograms: HistogramSamples
  readonly #starts: StartTimes
  readonly #catalog: SeriesCatalog
  readonly #openRequests = new Set<OpenRequest>()
  #closing = false
  #gapCloser: GapCloser | undefined
  /** Until then, samples may come that were taken in already. */
  #mayRepeatUntilMs: number
  /** Series that appear until then may lack samples since this time; NaN if they don't. */
  #uncertainFromMs = Number.NaN
  #lastRequestMs = Number.NEGATIVE_INFINITY

  constructor(options: IngesterOptions) {
    const { rules, writer, observer, targets, maxSeries, forgetAfterMs } = options
    this.#options = options
    this.#nowMs = options.nowMs ?? monotonicNowMs
    this.#wallNowMs = options.wallNowMs ?? Date.now
    this.#mayRepeatUntilMs = this.#nowMs() + REPEATS_WITHIN_MS
    this.#drops = new Drops(observer)
    this.#context = { rules, writer, drops: this.#drops, journal: new NoJournal() }
    this.#assembly = new HistogramAssembly<EntryPart>(options.assembly)
    this.#scalars = new ScalarSamples(this.#context)
    this.#histograms = new HistogramSamples(this.#context, this.#assembly)
    this.#starts = new StartTimes(this.#context, this.#table, this.#scalars)
    this.#catalog = new SeriesCatalog(this.#context, {
      table: this.#table,
      targets,
      assembly: this.#assembly,
      starts: this.#starts,
      maxSeries,
      forgetAfterMs,
      nowMs: this.#nowMs,
    })
    if (options.saved !== undefined) {
      this.#catalog.restore(options.saved.series)
      this.#uncertainFromMs = uncertainSince(options.saved)
    }
  }

  /** Number of known series. */
  get seriesCount(): number {
    return this.#table.size
  }

  /** Parts of histograms that wait for the others. */
  get waitingParts(): number {
    return this.#assembly.waitingParts
  }

  /** The settled state of all series: the content of a compacted journal. */
  *states(): IterableIterator<SeriesState> {
    for (const entry of this.#table.values()) if (entry.id >= 0) yield entry
  }

  /** Keeps state in a journal that agrees with {@link states}. Must be called before the first batch. */
  attach(journal: StateJournal): void {
    this.#context.journal = journal
  }

  /** Closes gaps from now on. Must be called before the first batch. */
  closeGapsWith(closer: GapCloser): void {
    this.#gapCloser = closer
  }

  /**
   * The newest accepted sample of a series, settled or not; `unknown` if there never was one, undefined if its samples are
   * not kept.
   */
  newestMs(labels: Uint8Array): number | undefined | 'unknown' {
    const entry = this.#table.get(asBuffer(labels))
    if (entry === undefined) return 'unknown'
    const isKept = entry.role !== undefined && entry.role !== 'created'
    return newestAcceptedMs(entry) ?? (isKept ? 'unknown' : undefined)
  }

  /**
   * Series of which nothing came while others went on, or, if no request comes at all, for long. `nowMs` is by the clock
   * of the samples.
   */
  silentGaps(nowMs: number): readonly Gap[] {
    const isSending = this.#openRequests.size > 0 || this.#nowMs() - this.#lastRequestMs < SENDING_WITHIN_MS
    return silentSeries(this.#table.values(), { nowMs, isSending })
  }

  /** Ingests samples that were missing in a gap, and waits until they are settled. */
  async ingestMissing(batch: SampleBatch): Promise<void> {
    await this.#ingest(batch, { deadlineMs: Number.POSITIVE_INFINITY, closer: undefined })
  }

  /** Rejects new batches; what is in flight goes on. */
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

  async ingest(batch: SampleBatch, { deadlineMs }: { readonly deadlineMs: number }): Promise<InvalidSamples> {
    this.#lastRequestMs = this.#nowMs()
    return this.#ingest(batch, { deadlineMs, closer: this.#gapCloser })
  }

  async #ingest(
    batch: SampleBatch,
    { deadlineMs, closer }: { readonly deadlineMs: number; readonly closer: GapCloser | undefined },
  ): Promise<InvalidSamples> {
    if (this.#closing) throw new RetryLaterError('closing', 'the sidecar is shutting down')
    const { queuedPoints } = this.#options.writer
    if (queuedPoints >= (this.#options.maxPendingPoints ?? Number.POSITIVE_INFINITY)) {
      throw new RetryLaterError('full', `${queuedPoints} points are already waiting to be written`)
    }
    const { promise: gaveUp, resolve: giveUp } = Promise.withResolvers<'deadline' | 'closing'>()
    const request: OpenRequest = { sinceMs: this.#nowMs(), firstMs: batch.timestampsMs[0] ?? Number.NaN, giveUp }
    this.#openRequests.add(request)
    const timer = Number.isFinite(deadlineMs) ? setTimeout(() => giveUp('deadline'), deadlineMs) : undefined
    try {
      const accepted = await Promise.race([this.#accept(batch, closer), gaveUp])
      if (typeof accepted === 'string') throw tooLate(accepted, 'Prometheus did not report its targets in time')
      const settled = await Promise.race([this.#settleAll(accepted.ticket), gaveUp])
      if (settled !== undefined) throw tooLate(settled, 'Cloud Monitoring did not accept all points in time')
      if (accepted.full)
        throw new RetryLaterError('full', `${this.#assembly.waitingParts} parts of histograms wait for others`)
      return accepted.invalid
    } catch (error) {
      this.#noteTrouble(request.firstMs)
      this.#assembly.holdUp(this.#nowMs())
      throw error
    } finally {
      clearTimeout(timer)
      this.#openRequests.delete(request)
    }
  }

  /** Writes histograms that need to wait no longer. Call it about every second. */
  tick(): void {
    const nowMs = this.#nowMs()
    for (const { sinceMs, firstMs } of this.#openRequests) {
      if (nowMs - sinceMs <= HELD_UP_AFTER_MS) continue
      this.#assembly.holdUp(nowMs)
      this.#noteTrouble(firstMs)
    }
    this.#histograms.emitDue(nowMs)
  }

  /** Forgets series that have been silent for long. Call it every few minutes. */
  sweep(): void {
    this.#catalog.sweep()
    this.#starts.sweep()
  }

  async #settleAll(ticket: Ticket): Promise<void> {
    await ticket.done
    try {
      await this.#context.journal.commit()
    } catch (cause) {
      throw new RetryLaterError('state', 'the state file can’t be written', { cause })
    }
  }

  /**
   * Finds and plans the series of a batch, then processes its samples. `full`: some were not accepted for want of room.
   */
  async #accept(
    batch: SampleBatch,
    closer: GapCloser | undefined,
  ): Promise<{ readonly ticket: Ticket; readonly full: boolean; readonly invalid: InvalidSamples }> {
    const nowMs = this.#nowMs()
    let entries = await this.#findSeries(batch, nowMs)
    const gaps = closer === undefined ? [] : gapsBefore(batch, entries, this.#gapLimits(nowMs))
    if (gaps.length > 0) {
      this.#noteTrouble(Math.min(...gaps.map(({ afterMs }) => afterMs)))
      await closer?.close(gaps)
      this.#noteTrouble(Number.NaN)
      entries = await this.#findSeries(batch, nowMs)
    }
    const ticket = new Ticket()
    const histogramBatch: HistogramBatch = { ticket, touched: new Set(), parts: [], rejected: new Set(), nowMs }
    this.#readStartTimes(batch, entries, ticket)
    let full = false
    let invalid = NOTHING_INVALID
    for (const [index, span] of batch.spans.entries()) {
      const entry = entries[index]
      if (entry === undefined) continue
      if (entry.drop?.invalid === true) invalid = addInvalid(invalid, span, entry.drop.detail)
      this.#dropNativeHistograms(entry, span)
      if (entry.role === 'created') continue
      if (!this.#acceptSpan(batch, span, entry, histogramBatch)) full = true
      entry.ended = span.stale
      if (span.exemplars.length > 0) this.#histograms.keepExemplars(entry, span)
    }
    const newestMs = batch.timestampsMs.at(-1)
    if (newestMs !== undefined) this.#assembly.noteBatch(newestMs, nowMs)
    this.#histograms.completeAll(histogramBatch, this.#options.wholeScrapes)
    this.#options.observer.batchReceived(batch.timestampsMs.length)
    ticket.release()
    return { ticket, full, invalid }
  }

  /** The entry of each span's series, planned. Undefined where a series can't be kept: its samples are dropped. */
  async #findSeries(batch: SampleBatch, nowMs: number): Promise<(SeriesEntry | undefined)[]> {
    const { generation } = this.#options.targets
    const entries: (SeriesEntry | undefined)[] = new Array(batch.spans.length)
    let unplanned: Set<SeriesEntry> | undefined
    const drops: (() => void)[] = []
    for (const [index, span] of batch.spans.entries()) {
      const { labelsStart, labelsEnd } = span
      const entry = this.#catalog.find(batch.bytes, span, nowMs)
      if (!(entry instanceof SeriesEntry)) {
        const labels = batch.bytes.subarray(labelsStart, labelsEnd)
        drops.push(() => this.#drops.dropUnknown(labels, entry, span.samplesEnd - span.samplesStart, nowMs))
        continue
      }
      entries[index] = entry
      entry.seenMs = nowMs
      if (span.type !== undefined && span.type !== entry.sentType) this.#catalog.learnType(entry, span.type)
      if (entry.generation !== generation) {
        unplanned ??= new Set()
        unplanned.add(entry)
      }
    }
    if (unplanned !== undefined) await this.#catalog.plan(unplanned)
    for (const drop of drops) drop()
    return entries
  }

  /** Start times come first: they decide about the samples of the same batch. */
  #readStartTimes(batch: SampleBatch, entries: readonly (SeriesEntry | undefined)[], ticket: Ticket): void {
    let createdSpans: number[] | undefined
    for (const [index, span] of batch.spans.entries()) {
      const entry = entries[index]
      if (entry?.role === 'created') {
        createdSpans ??= []
        createdSpans.push(index)
      } else if (span.createdMs !== undefined && (entry?.role === 'cumulative' || entry?.role === 'count')) {
        this.#starts.set(entry, span.createdMs, batch.timestampsMs[span.samplesStart] ?? Number.NaN, ticket)
      }
    }
    for (const index of createdSpans ?? []) {
      const entry = entries[index]
      const span = batch.spans[index]
      if (entry !== undefined && span !== undefined) this.#starts.readSpan(entry, batch, span, ticket)
    }
  }

  /** Returns false if there was no room for a sample. */
  #acceptSpan(batch: SampleBatch, span: SeriesSpan, entry: SeriesEntry, histogramBatch: HistogramBatch): boolean {
    const { samplesStart, samplesEnd } = span
    const { role } = entry
    const staleAt = span.stale ? samplesEnd - 1 : -1
    let accepted = true
    const latestMs = this.#wallNowMs() + MAX_AHEAD_MS
    for (let sample = samplesStart; sample < samplesEnd; sample++) {
      const timestampMs = batch.timestampsMs[sample] ?? Number.NaN
      const value = batch.values[sample] ?? Number.NaN
      if (!(timestampMs >= 0 && timestampMs <= latestMs)) this.#dropOnce(entry, timestampMs, 'timestamp_invalid')
      else if (role === undefined) {
        if (timestampMs <= entry.droppedMs) continue
        entry.droppedMs = timestampMs
        this.#drops.drop(entry, entry.drop?.drop ?? 'target_not_found', entry.drop?.detail)
      } else if (this.#options.wholeScrapes && timestampMs < (newestAcceptedMs(entry) ?? 0)) {
        // No scrape comes twice, so the clock was set back.
        this.#drops.drop(entry, 'out_of_order')
      } else if (timestampMs <= entry.reachedMs && this.#isLate(entry, timestampMs, value)) {
        this.#dropOnce(entry, timestampMs, 'out_of_order')
      } else if (role === 'gauge' || role === 'cumulative') {
        this.#scalars.accept(entry, timestampMs, value, sample === staleAt, histogramBatch.ticket)
      } else if (!this.#histograms.accept(entry, timestampMs, value, sample === staleAt, histogramBatch)) {
        accepted = false
        continue
      }
      if (role !== undefined && timestampMs <= latestMs && !(timestampMs <= entry.reachedMs)) {
        entry.previousMs = entry.reachedMs
        entry.reachedMs = timestampMs
      }
    }
    return accepted
  }

  #gapLimits(nowMs: number): GapLimits {
    if (nowMs > this.#mayRepeatUntilMs && !Number.isNaN(this.#uncertainFromMs)) {
      this.#uncertainFromMs = Number.NaN
      this.#context.journal.document(UNCERTAIN_DOCUMENT, undefined)
    }
    return { latestMs: this.#wallNowMs() + MAX_AHEAD_MS, uncertainFromMs: this.#uncertainFromMs }
  }

  /** Prometheus may send samples again, or have skipped some from `fromMs` on (NaN: none). */
  #noteTrouble(fromMs: number): void {
    this.#mayRepeatUntilMs = this.#nowMs() + REPEATS_WITHIN_MS
    if (Number.isNaN(fromMs) || this.#uncertainFromMs < fromMs) return
    this.#uncertainFromMs = fromMs - 1
    this.#context.journal.document(UNCERTAIN_DOCUMENT, this.#uncertainFromMs)
  }

  /**
   * Whether a sample that is no newer than the newest of its series was never taken in before: whether it is not one that
   * is sent again. That is certain if it lies between the last two, or is another value for the time of the last, and for
   * all others while nothing is sent again.
   */
  #isLate(entry: SeriesEntry, timestampMs: number, value: number): boolean {
    if (this.#options.wholeScrapes || Number.isNaN(value)) return false
    if (timestampMs === entry.reachedMs) {
      const { nextLastMs, nextLastValue, ended } = entry
      return !ended && nextLastMs === timestampMs && Number.isFinite(nextLastValue) && value !== nextLastValue
    }
    return timestampMs > entry.previousMs || (timestampMs < entry.previousMs && this.#nowMs() > this.#mayRepeatUntilMs)
  }

  /** Counts a dropped sample once, even if it is sent again. */
  #dropOnce(entry: SeriesEntry, timestampMs: number, reason: DropReason): void {
    if (timestampMs === entry.droppedMs) return
    entry.droppedMs = timestampMs
    this.#drops.drop(entry, reason)
  }

  #dropNativeHistograms(entry: SeriesEntry, { nativeHistograms }: SeriesSpan): void {
    for (const { timestampMs } of nativeHistograms ?? []) {
      if (timestampMs > entry.droppedMs || Number.isNaN(entry.droppedMs))
        this.#dropOnce(entry, timestampMs, 'native_histogram')
    }
  }
}

function addInvalid(before: InvalidSamples, span: SeriesSpan, detail: string): InvalidSamples {
  return {
    series: before.series + 1,
    samples: before.samples + span.samplesEnd - span.samplesStart,
    histograms: before.histograms + (span.nativeHistograms?.length ?? 0),
    exemplars: before.exemplars + span.exemplars.length,
    detail: before.detail || detail,
  }
}

/** Since when series that appear in this run may lack samples: what was in flight at the end of the last run is unknown. */
function uncertainSince({ series, documents }: SavedState): number {
  const saved = documents.get(UNCERTAIN_DOCUMENT)
  if (typeof saved === 'number') return saved
  let newestMs = Number.NaN
  for (const { lastMs } of series) if (!(lastMs <= newestMs) && !Number.isNaN(lastMs)) newestMs = lastMs
  return newestMs - IN_FLIGHT_MS
}

/** A batch that waits for its outcome. */
interface OpenRequest {
  readonly sinceMs: number
  /** Time of its first sample; NaN if it has none. */
  readonly firstMs: number
  giveUp(reason: 'deadline' | 'closing'): void
}

function tooLate(reason: 'deadline' | 'closing', message: string): RetryLaterError {
  return new RetryLaterError(reason, reason === 'closing' ? 'the sidecar is shutting down' : message)
}
