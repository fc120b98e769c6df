import type { ConversionRules } from '../convert/conversion-rules.ts'
import type { Drop } from '../convert/drop-reason.ts'
import type { SavedState, SeriesState, StateJournal } from '../model/conversion-state.ts'
import { type Ingester, RetryLaterError } from '../model/ingester.ts'
import type { MetricMetadata } from '../model/metadata.ts'
import { risingClock } from '../model/monotonic-clock.ts'
import type { SampleBatch, SeriesSpan } from '../model/sample.ts'
import { NoJournal } from '../state/no-journal.ts'
import type { TargetDirectory } from '../targets/target-directory.ts'
import type { Writer } from '../write/writer.ts'
import { Drops } from './drops.ts'
import { HistogramSamples, type PartRequest } from './histogram-samples.ts'
import { type AssemblyOptions, HistogramAssembly } from './histograms/histogram-assembly.ts'
import type { IngestContext } from './ingest-context.ts'
import type { IngestObserver } from './ingest-observer.ts'
import { ScalarSamples } from './scalar-samples.ts'
import { type EntryPart, SeriesEntry } from './series/series-entry.ts'
import { SeriesTable } from './series/series-table.ts'
import { SeriesCatalog } from './series-catalog.ts'
import { MAX_TIMESTAMP_MS, newestTakenMs } from './series-interval.ts'
import { StartTimes } from './start-times.ts'
import { Ticket } from './ticket.ts'

export interface IngesterOptions {
  readonly rules: ConversionRules
  readonly targets: TargetDirectory
  readonly writer: Writer
  readonly observer: IngestObserver
  /** Of the last run. */
  readonly saved?: SavedState | undefined
  readonly assembly: AssemblyOptions
  /** Each batch is all of a scrape: the parts of a histogram come together. */
  readonly wholeScrapes: boolean
  /** Series that are kept at most; samples of others are dropped. */
  readonly maxSeries: number
  /** Points that may be on their way when a batch comes; more are answered with "retry later". Undefined: any number. */
  readonly maxPendingPoints?: number | undefined
  /** A series without samples for this long is forgotten. */
  readonly forgetAfterMs: number
  /** The present time, Unix ms, by a clock that rises. */
  readonly nowMs?: () => number
}

/**
 * Takes samples, converts them, queues the points and keeps each series' state: see "How data flows" in the README. One `ingest` after its look-ups
 * runs in one go, so that the state of a series is never seen half changed.
 */
export class SampleIngester implements Ingester {
  readonly #options: IngesterOptions
  readonly #nowMs: () => number
  readonly #writer: Writer
  readonly #observer: IngestObserver
  readonly #drops: Drops
  readonly #context: IngestContext
  readonly #table = new SeriesTable<SeriesEntry>(({ labels }) => labels)
  readonly #assembly: HistogramAssembly<EntryPart>
  readonly #scalars: ScalarSamples
  readonly #histograms: HistogramSamples
  readonly #starts: StartTimes
  readonly #catalog: SeriesCatalog
  readonly #ingesting = new Set<Underway>()
  #closing = false

  constructor(options: IngesterOptions) {
    const { rules, writer, observer, targets, maxSeries, forgetAfterMs } = options
    this.#options = options
    this.#nowMs = options.nowMs ?? risingClock
    this.#writer = writer
    this.#observer = observer
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
    if (options.saved !== undefined) this.#catalog.restore(options.saved.series)
  }

  /** Series that are known. */
  get seriesCount(): number {
    return this.#table.size
  }

  /** Histogram parts that wait for others. */
  get waitingParts(): number {
    return this.#assembly.waitingParts
  }

  /** The settled state of all series: what a compacted journal holds. */
  *states(): IterableIterator<SeriesState> {
    for (const entry of this.#table.values()) if (entry.id >= 0) yield entry
  }

  /** Keeps state in a journal that agrees with {@link states} from now on. Nothing may be ingested before. */
  attach(journal: StateJournal): void {
    this.#context.journal = journal
  }

  /** The newest sample that was taken of a series, settled or not; undefined if there is none. */
  newestMs(bytes: Buffer, start: number, end: number): number | undefined {
    const entry = this.#table.get(bytes, start, end)
    return entry === undefined ? undefined : newestTakenMs(entry)
  }

  /** All series of which a sample was taken, settled or not, and its time. */
  *taken(): IterableIterator<{ readonly labels: Uint8Array; readonly newestMs: number }> {
    for (const entry of this.#table.values()) {
      const newestMs = newestTakenMs(entry)
      if (newestMs !== undefined) yield { labels: entry.labels, newestMs }
    }
  }

  /** Refuses new batches; what is in flight goes on. */
  close(): void {
    this.#closing = true
  }

  /** Rejects all that still waits for its answer: nothing will be settled any more. */
  abandon(): void {
    for (const underway of this.#ingesting) underway.giveUp('closing')
  }

  describe(metadata: readonly MetricMetadata[]): void {
    this.#catalog.describe(metadata)
  }

  async ingest(batch: SampleBatch, { deadlineMs }: { readonly deadlineMs: number }): Promise<void> {
    if (this.#closing) throw new RetryLaterError('closing', 'the sidecar is shutting down')
    const { maxPendingPoints } = this.#options
    if (maxPendingPoints !== undefined && this.#writer.queuedPoints >= maxPendingPoints) {
      throw new RetryLaterError('full', `${this.#writer.queuedPoints} points are on their way already`)
    }
    const { promise: gaveUp, resolve: giveUp } = Promise.withResolvers<'deadline' | 'closing'>()
    const underway: Underway = { sinceMs: performance.now(), giveUp }
    this.#ingesting.add(underway)
    const timer = Number.isFinite(deadlineMs) ? setTimeout(() => giveUp('deadline'), deadlineMs) : undefined
    try {
      const first = await Promise.race([this.#take(batch), gaveUp])
      if (typeof first === 'string') throw notInTime(first, 'targets or Cloud Monitoring did not answer in time')
      const second = await Promise.race([this.#settleAll(first.ticket), gaveUp])
      if (second !== undefined) throw notInTime(second, 'Cloud Monitoring did not take all points in time')
      if (first.full)
        throw new RetryLaterError('full', `${this.#assembly.waitingParts} parts of histograms wait for others`)
    } catch (error) {
      this.#assembly.prolongLearning(this.#nowMs())
      throw error
    } finally {
      clearTimeout(timer)
      this.#ingesting.delete(underway)
    }
  }

  /** To be called about every second: writes histograms that need no part any more to be complete, and tells the assembly of hold-ups. */
  tick(): void {
    const nowMs = this.#nowMs()
    for (const { sinceMs } of this.#ingesting) {
      if (performance.now() - sinceMs > 5_000) {
        this.#assembly.prolongLearning(nowMs)
        break
      }
    }
    this.#histograms.emitDue(nowMs)
  }

  /** To be called every few minutes: forgets series that were silent for long. */
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

  /** Looks series up, plans the new ones, and takes all samples in one go. */
  async #take(batch: SampleBatch): Promise<{ readonly ticket: Ticket; readonly full: boolean }> {
    const nowMs = this.#nowMs()
    const { spans } = batch
    const entries: (SeriesEntry | undefined)[] = new Array(spans.length)
    let unplanned: Set<SeriesEntry> | undefined
    let unknown: { span: SeriesSpan; drop: Drop }[] | undefined
    let tellers: number[] | undefined
    const { generation } = this.#options.targets
    for (const [index, span] of spans.entries()) {
      const entry =
        this.#table.get(batch.bytes, span.labelsStart, span.labelsEnd) ?? this.#catalog.add(batch.bytes, span, nowMs)
      if (!(entry instanceof SeriesEntry)) {
        unknown ??= []
        unknown.push({ span, drop: entry })
        continue
      }
      entries[index] = entry
      entry.seenMs = nowMs
      if (entry.generation !== generation) {
        unplanned ??= new Set()
        unplanned.add(entry)
      }
    }
    if (unplanned !== undefined) await this.#catalog.plan(unplanned)

    const ticket = new Ticket()
    const request: PartRequest = { ticket, touched: new Set(), parts: [], turnedAway: new Set(), nowMs }
    for (const [index, span] of spans.entries()) {
      const entry = entries[index]
      if (entry === undefined) continue
      if (entry.role === 'created') {
        tellers ??= []
        tellers.push(index)
      } else if (span.createdMs !== undefined) {
        this.#starts.tell(entry, span.createdMs, batch.timestampsMs[span.samplesStart] ?? Number.NaN, ticket)
      }
    }
    for (const index of tellers ?? []) {
      const entry = entries[index]
      const span = spans[index]
      if (entry !== undefined && span !== undefined) this.#starts.takeSpan(entry, batch, span, ticket)
    }

    for (const { span, drop } of unknown ?? []) {
      const labels = batch.bytes.subarray(span.labelsStart, span.labelsEnd)
      this.#drops.dropUnknown(labels, drop, span.samplesEnd - span.samplesStart, nowMs)
    }
    let full = false
    for (const [index, span] of spans.entries()) {
      const entry = entries[index]
      const { samplesStart, samplesEnd } = span
      if (entry === undefined) continue
      if (span.nativeHistograms !== undefined) this.#dropNativeHistograms(entry, span.nativeHistograms)
      const { role } = entry
      if (role === 'created') continue
      const staleAt = span.stale ? samplesEnd - 1 : -1
      for (let sample = samplesStart; sample < samplesEnd; sample++) {
        const timestampMs = batch.timestampsMs[sample] ?? Number.NaN
        const value = batch.values[sample] ?? Number.NaN
        if (!(timestampMs >= 0 && timestampMs <= MAX_TIMESTAMP_MS)) this.#drops.drop(entry, 'timestamp_invalid')
        else if (role === undefined) {
          if (timestampMs <= entry.droppedMs) continue
          entry.droppedMs = timestampMs
          this.#drops.drop(entry, entry.drop?.drop ?? 'target_not_found', entry.drop?.detail)
        } else if (this.#options.wholeScrapes && timestampMs < (newestTakenMs(entry) ?? 0)) {
          // A scrape never comes again: time went back.
          this.#drops.drop(entry, 'out_of_order')
        } else if (role === 'gauge' || role === 'cumulative') {
          this.#scalars.take(entry, timestampMs, value, sample === staleAt, ticket)
        } else if (!this.#histograms.take(entry, timestampMs, value, sample === staleAt, request)) full = true
      }
      if (span.exemplars.length > 0) this.#histograms.takeExemplars(entry, span)
    }

    const newestMs = batch.timestampsMs.at(-1)
    if (newestMs !== undefined) this.#assembly.noteBatch(newestMs, nowMs)
    this.#histograms.completeAll(request, this.#options.wholeScrapes)
    this.#observer.batchTaken(batch.timestampsMs.length)
    ticket.release()
    return { ticket, full }
  }

  #dropNativeHistograms(entry: SeriesEntry, { count, newestMs }: NonNullable<SeriesSpan['nativeHistograms']>): void {
    if (newestMs <= entry.droppedMs) return
    entry.droppedMs = newestMs
    for (let histogram = 0; histogram < count; histogram++) this.#drops.drop(entry, 'native_histogram')
  }
}

/** A batch that waits for its answer. */
interface Underway {
  readonly sinceMs: number
  giveUp(code: 'deadline' | 'closing'): void
}

function notInTime(code: 'deadline' | 'closing', message: string): RetryLaterError {
  return new RetryLaterError(code, code === 'closing' ? 'the sidecar is shutting down' : message)
}
