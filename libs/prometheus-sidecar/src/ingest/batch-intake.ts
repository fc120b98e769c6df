import type { Drop, DropReason } from '../convert/drop-reason.ts'
import type { GapCloser } from '../model/gap.ts'
import { type InvalidSamples, NOTHING_INVALID } from '../model/ingester.ts'
import type { NativeHistogram } from '../model/native-histogram.ts'
import type { SampleBatch, SeriesSpan } from '../model/sample.ts'
import type { TargetDirectory } from '../targets/target-directory.ts'
import type { DeliveryUncertainty } from './delivery-uncertainty.ts'
import type { Drops } from './drops.ts'
import { type GapLimits, gapsBefore } from './gap-detection.ts'
import type { HistogramAssembly } from './histograms/histogram-assembly.ts'
import type { IngestObserver } from './ingest-observer.ts'
import { NewTargets } from './new-targets.ts'
import { HistogramBatch, type HistogramSamples } from './samples/histogram-samples.ts'
import type { NativeSamples } from './samples/native-samples.ts'
import type { ScalarSamples } from './samples/scalar-samples.ts'
import { MAX_AHEAD_MS, newestAcceptedMs } from './samples/series-interval.ts'
import { type EntryPart, SeriesEntry } from './series/series-entry.ts'
import type { SeriesCatalog } from './series-catalog.ts'
import type { StartTimes } from './start-times.ts'
import { Ticket } from './ticket.ts'

/** Options of {@link BatchIntake}. */
export interface BatchIntakeOptions {
  readonly targets: TargetDirectory
  readonly observer: IngestObserver
  /** Whether each batch is a whole scrape, so that all parts of a histogram arrive together. */
  readonly wholeScrapes: boolean
  readonly nowMs: () => number
  readonly wallNowMs: () => number
}

/** The parts of ingestion that samples are passed to. */
export interface IntakeParts {
  readonly drops: Drops
  readonly catalog: SeriesCatalog
  readonly assembly: HistogramAssembly<EntryPart>
  readonly scalars: ScalarSamples
  readonly histograms: HistogramSamples
  readonly natives: NativeSamples
  readonly starts: StartTimes
  readonly uncertainty: DeliveryUncertainty
}

/** The result of accepting a batch. */
export interface Accepted {
  /** Done when each sample is settled. */
  readonly ticket: Ticket
  /** Whether some samples were rejected for lack of room. */
  readonly full: boolean
  readonly invalid: InvalidSamples
}

/** Accepts the samples of a batch and passes them on to conversion, once the gaps before them are closed. */
export class BatchIntake {
  readonly #options: BatchIntakeOptions
  readonly #drops: Drops
  readonly #catalog: SeriesCatalog
  readonly #assembly: HistogramAssembly<EntryPart>
  readonly #scalars: ScalarSamples
  readonly #histograms: HistogramSamples
  readonly #natives: NativeSamples
  readonly #starts: StartTimes
  readonly #uncertainty: DeliveryUncertainty
  readonly #newTargets = new NewTargets()
  /** For the entries of the next batch; empty. */
  #unusedEntries: (SeriesEntry | undefined)[] | undefined

  constructor(parts: IntakeParts, options: BatchIntakeOptions) {
    this.#options = options
    this.#drops = parts.drops
    this.#catalog = parts.catalog
    this.#assembly = parts.assembly
    this.#scalars = parts.scalars
    this.#histograms = parts.histograms
    this.#natives = parts.natives
    this.#starts = parts.starts
    this.#uncertainty = parts.uncertainty
  }

  /** Finds and plans the series of a batch, then processes its samples. */
  async accept(batch: SampleBatch, closer: GapCloser | undefined): Promise<Accepted> {
    let nowMs = this.#options.nowMs()
    let entries = await this.#findSeries(batch, nowMs)
    const gaps = closer === undefined ? [] : gapsBefore(batch, entries, this.#gapLimits())
    if (gaps.length > 0) {
      let fromMs = Number.POSITIVE_INFINITY
      let upToMs = Number.NEGATIVE_INFINITY
      for (const { afterMs, beforeMs } of gaps) {
        fromMs = Math.min(fromMs, afterMs)
        upToMs = Math.max(upToMs, beforeMs)
      }
      upToMs = Math.min(upToMs, this.#options.wallNowMs())
      this.#uncertainty.note(fromMs, upToMs)
      await closer?.close(gaps)
      this.#uncertainty.note(Number.NaN, upToMs)
      nowMs = this.#options.nowMs()
      this.#release(entries)
      entries = await this.#findSeries(batch, nowMs)
    }
    const ticket = new Ticket()
    const histogramBatch = new HistogramBatch(ticket, nowMs)
    this.#readStartTimes(batch, entries, ticket)
    let full = false
    let invalid = NOTHING_INVALID
    const { spans } = batch
    const latestMs = this.#latestMs
    for (let index = 0; index < spans.length; index++) {
      const span = spans[index] as SeriesSpan
      const entry = entries[index]
      if (entry === undefined) continue
      if (entry.drop?.invalid === true) invalid = addInvalid(invalid, span, entry.drop.detail)
      if (entry.role === 'created') continue
      if (span.exemplars.length > 0) this.#keepExemplars(entry, span)
      if (span.nativeHistograms !== undefined)
        for (const histogram of span.nativeHistograms) this.#acceptNative(entry, histogram, ticket)
      if (span.samplesStart === span.samplesEnd) continue
      if (!this.#acceptSpan(batch, span, entry, latestMs, histogramBatch)) full = true
      entry.ended = span.stale
    }
    const newestMs = batch.timestampsMs.at(-1)
    if (newestMs !== undefined) this.#assembly.noteBatch(newestMs, nowMs)
    this.#histograms.completeAll(histogramBatch, this.#options.wholeScrapes)
    this.#options.observer.batchReceived(batch.timestampsMs.length)
    this.#release(entries)
    ticket.release()
    return { ticket, full, invalid }
  }

  /**
   * Finds the entry of each span's series and plans it. Undefined where a series can't be kept: its samples are
   * dropped.
   */
  async #findSeries(batch: SampleBatch, nowMs: number): Promise<(SeriesEntry | undefined)[]> {
    const { generation } = this.#options.targets
    const { spans } = batch
    const entries = this.#takeEntries(spans.length)
    let unplanned: Set<SeriesEntry> | undefined
    const drops: (() => void)[] = []
    for (let index = 0; index < spans.length; index++) {
      const span = spans[index] as SeriesSpan
      const { labelsStart, labelsEnd } = span
      const entry = this.#catalog.find(batch.bytes, span, nowMs, entries[index - 1])
      if (!(entry instanceof SeriesEntry)) {
        const labels = batch.bytes.subarray(labelsStart, labelsEnd)
        const samples = span.samplesEnd - span.samplesStart + (span.nativeHistograms?.length ?? 0)
        drops.push(() => this.#drops.dropUnknown(labels, entry, samples, nowMs))
        continue
      }
      entries[index] = entry
      entry.seenMs = nowMs
      if (entry.twin !== undefined) entry.twin.seenMs = nowMs
      this.#catalog.noteKind(entry, span)
      if (entry.generation !== generation) {
        unplanned ??= new Set()
        unplanned.add(entry)
      }
    }
    if (unplanned !== undefined) await this.#catalog.plan(unplanned)
    for (const drop of drops) drop()
    return entries
  }

  /** The array of entries, emptied; each batch reuses it. */
  #takeEntries(length: number): (SeriesEntry | undefined)[] {
    const entries = this.#unusedEntries
    this.#unusedEntries = undefined
    if (entries === undefined || entries.length < length) return new Array(length).fill(undefined)
    return entries
  }

  #release(entries: (SeriesEntry | undefined)[]): void {
    if (entries.length <= MAX_KEPT_ENTRIES) this.#unusedEntries = entries.fill(undefined)
  }

  /** Start times are read first, since they affect the samples of the same batch. */
  #readStartTimes(batch: SampleBatch, entries: readonly (SeriesEntry | undefined)[], ticket: Ticket): void {
    let createdSpans: number[] | undefined
    const { spans } = batch
    for (let index = 0; index < spans.length; index++) {
      const span = spans[index] as SeriesSpan
      const entry = entries[index]
      if (entry?.role === 'created') {
        createdSpans ??= []
        createdSpans.push(index)
      } else if (span.createdMs !== undefined && (entry?.role === 'cumulative' || entry?.role === 'count')) {
        this.#starts.set(entry, span.createdMs, batch.timestampsMs[span.samplesStart] ?? Number.NaN, ticket)
      } else if (span.createdMs !== undefined && entry?.twin !== undefined) {
        this.#starts.set(entry.twin, span.createdMs, batch.timestampsMs[span.samplesStart] ?? Number.NaN, ticket)
      } else if (entry?.role === 'native' && span.nativeHistograms !== undefined) {
        for (const { createdMs, timestampMs } of span.nativeHistograms)
          if (!Number.isNaN(createdMs)) this.#starts.set(entry, createdMs, timestampMs, ticket)
      }
    }
    for (const index of createdSpans ?? []) {
      const entry = entries[index]
      const span = batch.spans[index]
      if (entry !== undefined && span !== undefined) this.#starts.readSpan(entry, batch, span, ticket)
    }
  }

  /** Returns false if a sample was rejected for lack of room. */
  #acceptSpan(
    batch: SampleBatch,
    span: SeriesSpan,
    entry: SeriesEntry,
    latestMs: number,
    histogramBatch: HistogramBatch,
  ): boolean {
    const { samplesStart, samplesEnd } = span
    const { role } = entry
    const staleAt = span.stale ? samplesEnd - 1 : -1
    let accepted = true
    for (let sample = samplesStart; sample < samplesEnd; sample++) {
      const timestampMs = batch.timestampsMs[sample] ?? Number.NaN
      const value = batch.values[sample] ?? Number.NaN
      if (!(timestampMs >= 0 && timestampMs <= latestMs)) this.#dropOnce(entry, timestampMs, 'timestamp_invalid')
      else if (role === undefined) {
        if (timestampMs <= entry.droppedMs) continue
        entry.droppedMs = timestampMs
        this.#drops.drop(entry, entry.drop?.drop ?? 'target_not_found', entry.drop?.detail)
      } else if (this.#options.wholeScrapes && timestampMs < (newestAcceptedMs(entry) ?? 0)) {
        // No scrape arrives twice, so the clock was set back.
        this.#drops.drop(entry, 'out_of_order')
      } else if (timestampMs <= entry.reachedMs && this.#isLate(entry, timestampMs, value)) {
        this.#dropOnce(entry, timestampMs, 'out_of_order')
      } else if (role === 'gauge' || role === 'cumulative') {
        this.#scalars.accept(entry, timestampMs, value, sample === staleAt, histogramBatch.ticket)
        if (entry.twin !== undefined)
          this.#scalars.accept(entry.twin, timestampMs, value, sample === staleAt, histogramBatch.ticket)
      } else if (role === 'native') {
        if (timestampMs > (newestAcceptedMs(entry) ?? 0)) this.#natives.end(entry, timestampMs, histogramBatch.ticket)
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

  /**
   * Whether a sample that is not newer than the newest of its series has never been accepted, so that it is not a
   * resent one. That is certain if it lies between the last two, differs in value from the one of the same time, or is
   * unknown to an audit; and for older samples, if they are newer than anything that may be resent.
   */
  #isLate(entry: SeriesEntry, timestampMs: number, value: number): boolean {
    if (this.#options.wholeScrapes || Number.isNaN(value)) return false
    if (timestampMs === entry.reachedMs) {
      const { nextLastMs, nextLastValue, ended } = entry
      return !ended && nextLastMs === timestampMs && Number.isFinite(nextLastValue) && value !== nextLastValue
    }
    if (timestampMs > entry.previousMs) return true
    if (timestampMs <= entry.lastMs && entry.trail?.isMissing(timestampMs) === true) return true
    return timestampMs < entry.previousMs && !this.#uncertainty.mayRepeatAt(timestampMs)
  }

  /** Counts a dropped sample once, even if it is resent. */
  #dropOnce(entry: SeriesEntry, timestampMs: number, reason: DropReason): void {
    if (timestampMs === entry.droppedMs) return
    entry.droppedMs = timestampMs
    entry.trail?.settled(timestampMs, undefined)
    this.#drops.drop(entry, reason)
  }

  #acceptNative(entry: SeriesEntry, histogram: NativeHistogram, ticket: Ticket): void {
    const { timestampMs } = histogram
    if (!(timestampMs >= 0 && timestampMs <= this.#latestMs)) this.#dropOnce(entry, timestampMs, 'timestamp_invalid')
    else if (entry.role === 'native') this.#natives.accept(entry, histogram, ticket)
    else if (!(timestampMs <= entry.droppedMs)) {
      const { drop, detail }: Drop = entry.drop ?? {
        drop: 'native_histogram',
        detail: 'its earlier samples are not histograms',
      }
      entry.droppedMs = timestampMs
      this.#drops.drop(entry, drop, detail)
    }
  }

  #keepExemplars(entry: SeriesEntry, span: SeriesSpan): void {
    if (entry.role === 'native') this.#natives.keepExemplars(entry, span.exemplars)
    else this.#histograms.keepExemplars(entry, span)
  }

  #gapLimits(): GapLimits {
    return {
      latestMs: this.#latestMs,
      uncertainFromMs: this.#uncertainty.uncertainFromMs,
      newTargets: this.#newTargets,
    }
  }

  get #latestMs(): number {
    return this.#options.wallNowMs() + MAX_AHEAD_MS
  }
}

/** A longer array is left to the garbage collector. */
const MAX_KEPT_ENTRIES = 65_536

function addInvalid(before: InvalidSamples, span: SeriesSpan, detail: string): InvalidSamples {
  return {
    series: before.series + 1,
    samples: before.samples + span.samplesEnd - span.samplesStart,
    histograms: before.histograms + (span.nativeHistograms?.length ?? 0),
    exemplars: before.exemplars + span.exemplars.length,
    detail: before.detail || detail,
  }
}
