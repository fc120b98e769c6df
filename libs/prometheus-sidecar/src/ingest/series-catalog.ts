import type { Drop } from '../convert/drop-reason.ts'
import type { NativeState, SeriesState } from '../model/conversion-state.ts'
import { canonicalBytes } from '../model/labels/canonical-labels.ts'
import type { FollowingLabels } from '../model/labels/following-labels.ts'
import { asBuffer, decodeLabels } from '../model/labels/labels.ts'
import { type ComposedLabels, hashLabels } from '../model/labels/labels-hash.ts'
import type { MetricMetadata } from '../model/metadata.ts'
import type { KnownSeries, SeriesSpan } from '../model/sample.ts'
import type { TargetDirectory } from '../targets/target-directory.ts'
import type { HistogramAssembly } from './histograms/histogram-assembly.ts'
import type { IngestContext } from './ingest-context.ts'
import type { CounterNames } from './planning/counter-names.ts'
import { SeriesPlacement } from './planning/series-placement.ts'
import { SeriesPlanner } from './planning/series-planner.ts'
import { restoreStarts } from './samples/reported-starts.ts'
import { MAX_AHEAD_MS } from './samples/series-interval.ts'
import { ByteStore } from './series/byte-store.ts'
import { isTwin } from './series/counter-twin.ts'
import { type EntryPart, NativeProgress, SeriesEntry } from './series/series-entry.ts'
import { SeriesIds } from './series/series-ids.ts'
import { nativeBytesOf, SeriesMemory } from './series/series-memory.ts'
import { SeriesTable } from './series/series-table.ts'
import type { StartTimes } from './start-times.ts'

/** Options of {@link SeriesCatalog}. */
export interface SeriesCatalogOptions {
  readonly table: SeriesTable<SeriesEntry>
  readonly targets: TargetDirectory
  readonly assembly: HistogramAssembly<EntryPart>
  readonly starts: StartTimes
  readonly counterNames: CounterNames
  readonly maxSeries: number
  /** Memory limit of all series together. */
  readonly maxSeriesBytes: number
  /** A series without samples for this long is forgotten. */
  readonly forgetAfterMs: number
  readonly nowMs: () => number
  /** The time by the system clock, which may be set. */
  readonly wallNowMs: () => number
}

/** The series that are known: finds them by their labels, adds new ones, and forgets those that are gone. */
export class SeriesCatalog {
  readonly #options: SeriesCatalogOptions
  readonly #table: SeriesTable<SeriesEntry>
  readonly #bytes = new ByteStore()
  readonly #ids = new SeriesIds()
  readonly #memory: SeriesMemory
  readonly #context: IngestContext
  readonly #placement: SeriesPlacement
  readonly #planner: SeriesPlanner
  /** Other forms of the labels of known series. */
  readonly #aliases = new SeriesTable<Alias>(({ labels }) => labels, hashLabels)

  constructor(context: IngestContext, options: SeriesCatalogOptions) {
    const { table, targets, assembly, starts, counterNames, maxSeries, nowMs } = options
    this.#context = context
    this.#options = options
    this.#table = table
    this.#memory = new SeriesMemory(options.maxSeriesBytes)
    this.#placement = new SeriesPlacement(context, {
      table,
      bytes: this.#bytes,
      memory: this.#memory,
      ids: this.#ids,
      assembly,
      starts,
      nowMs,
    })
    this.#planner = new SeriesPlanner(context, {
      table,
      placement: this.#placement,
      targets,
      counterNames,
      maxFamilies: maxSeries,
    })
  }

  /** Estimated memory of all series. */
  get usedBytes(): number {
    return this.#memory.usedBytes
  }

  /** Adds metadata that names no target: it is used where the target's own is unknown. */
  addMetadata(metadata: readonly MetricMetadata[]): void {
    this.#planner.addMetadata(metadata)
  }

  /** Plans series whose plan is missing or may be outdated; requests missing targets and metadata. */
  plan(entries: ReadonlySet<SeriesEntry>): Promise<void> {
    return this.#planner.plan(entries)
  }

  /** Records what a span says about its series: its type, and whether it has native histograms or other samples. */
  noteKind(entry: SeriesEntry, { type, nativeHistograms, stale, samplesStart, samplesEnd }: SeriesSpan): void {
    if (type !== undefined && type !== entry.sentType) this.#planner.learnType(entry, type)
    if (nativeHistograms !== undefined) {
      if (entry.native !== undefined) return
      entry.native = new NativeProgress(nativeBytesOf(nativeHistograms[0]))
      this.#memory.change(entry.native.bytes)
      entry.generation = -1
    } else if (entry.native !== undefined && samplesEnd > samplesStart && !stale) {
      this.#memory.change(-entry.native.bytes)
      entry.native = undefined
      entry.generation = -1
    }
  }

  /** The series with labels that are not written out, if it is known. */
  findComposed(labels: ComposedLabels): SeriesEntry | undefined {
    return (
      this.#table.getComposed(labels) ?? (this.#aliases.size > 0 ? this.#aliases.getComposed(labels)?.entry : undefined)
    )
  }

  /** The same for labels that come after those of another series, for which its follower is tried first. */
  findFollowing(before: KnownSeries | undefined, labels: FollowingLabels): SeriesEntry | undefined {
    if (!(before instanceof SeriesEntry)) return this.findComposed(labels)
    const { follower, sharedWithFollower: shared } = before
    if (follower !== undefined && !follower.isForgotten && labels.areAfter(before.labels, follower.labels, shared)) {
      if (shared === 0) before.sharedWithFollower = labels.sharedWith(before.labels)
      return follower
    }
    const found = this.findComposed(labels)
    if (found !== undefined) before.setFollower(found)
    return found
  }

  /**
   * Finds the series of a span, or adds it if it is new; returns the reason if it is not kept. `before` is the series
   * of the previous span.
   */
  find(bytes: Buffer, span: SeriesSpan, nowMs: number, before: SeriesEntry | undefined): SeriesEntry | Drop {
    const { labelsStart, labelsEnd, series } = span
    if (series instanceof SeriesEntry) {
      if (!series.isForgotten) return series
      // It has been forgotten since its labels were looked up.
      const labels = asBuffer(series.labels)
      return this.find(labels, { ...span, series: undefined, labelsStart: 0, labelsEnd: labels.length }, nowMs, before)
    }
    const expected = before?.follower
    if (expected !== undefined && !expected.isForgotten) {
      const { labels } = expected
      const isExpected =
        labels.length === labelsEnd - labelsStart &&
        bytes.compare(labels, 0, labels.length, labelsStart, labelsEnd) === 0
      if (isExpected) return expected
    }
    const found =
      this.#table.get(bytes, labelsStart, labelsEnd) ??
      this.#aliases.get(bytes, labelsStart, labelsEnd)?.entry ??
      this.#add(bytes, span, nowMs)
    if (before !== undefined && found instanceof SeriesEntry) before.setFollower(found)
    return found
  }

  #add(bytes: Buffer, span: SeriesSpan, nowMs: number): SeriesEntry | Drop {
    const length = span.labelsEnd - span.labelsStart
    if (length > MAX_LABELS_BYTES) {
      return {
        drop: 'labels_invalid',
        detail: `its labels take ${length} bytes; at most ${MAX_LABELS_BYTES} are allowed`,
      }
    }
    const sent = bytes.subarray(span.labelsStart, span.labelsEnd)
    const { bytes: canonical, type } = canonicalBytes(sent)
    const known = canonical === sent ? undefined : this.#table.get(asBuffer(canonical))
    if (known === undefined && this.#table.size >= this.#options.maxSeries) {
      return {
        drop: 'too_many_series',
        detail: `${this.#table.size} series are already known; --series.max raises the limit`,
      }
    }
    const nativeBytes = nativeBytesOf(span.nativeHistograms?.[0])
    if (known === undefined && !this.#memory.take(canonical.length, nativeBytes)) {
      return { drop: 'too_many_series', detail: `${this.#table.size} series are known, ${NO_MEMORY}` }
    }
    const entry = known ?? new SeriesEntry(this.#bytes.keep(canonical), nowMs)
    if (known === undefined) {
      this.#table.add(entry)
      if (nativeBytes > 0) entry.native = new NativeProgress(nativeBytes)
    }
    if (canonical !== sent) this.#aliases.add({ labels: this.#bytes.keep(sent), entry })
    if (type !== undefined) this.#planner.learnType(entry, type)
    return entry
  }

  /**
   * Continues from the state of the last run. Returns the number of series given up because they need too much memory.
   */
  restore(series: readonly SeriesState[]): number {
    let givenUp = 0
    let idCount = 0
    const usedIds = new Set<number>()
    const unplanned = new Set<SeriesEntry>()
    const latestMs = this.#options.wallNowMs() + MAX_AHEAD_MS
    for (const state of series) {
      const { bytes: labels } = canonicalBytes(state.labels)
      const other = this.#table.get(asBuffer(labels))
      if (other !== undefined && !(other.lastMs < state.lastMs)) continue
      if (other !== undefined) {
        usedIds.delete(other.id)
        unplanned.delete(other)
      }
      if (other === undefined && !this.#memory.take(labels.length, nativeBytesOf(state.native?.last))) {
        givenUp += 1
        continue
      }
      const entry = this.#restoreEntry(this.#bytes.keep(labels), state, latestMs)
      usedIds.add(state.id)
      idCount = Math.max(idCount, state.id + 1)
      this.#table.add(entry)
      entry.isTwin = isTwinKey(labels)
      if (!entry.isTwin) unplanned.add(entry)
    }
    this.#ids.restore(usedIds, idCount)
    this.#planner.restore(unplanned)
    return givenUp
  }

  #restoreEntry(labels: Uint8Array, state: SeriesState, latestMs: number): SeriesEntry {
    const entry = new SeriesEntry(labels, state.lastMs)
    entry.id = state.id
    entry.startMs = entry.nextStartMs = state.startMs
    entry.resetValue = entry.nextResetValue = state.resetValue
    // A time that is far ahead came from a wrong clock; one a little ahead may be from before this clock was set back.
    entry.lastMs = entry.nextLastMs = Math.min(state.lastMs, latestMs)
    entry.reachedMs = entry.lastMs
    entry.lastValue = entry.nextLastValue = state.lastValue
    entry.endMs = state.endMs
    if (state.endMs === state.lastMs) entry.endValue = state.lastValue
    entry.createdMs = state.createdMs
    entry.createdFromMs = state.createdFromMs
    restoreStarts(entry)
    entry.waiting = [...state.waiting]
    if (state.native !== undefined) entry.native = restoredProgress(state.native)
    entry.seenMs = Number.isNaN(state.lastMs) ? this.#options.nowMs() : state.lastMs
    return entry
  }

  /** Forgets series that have been silent for a long time. */
  sweep(): void {
    const beforeMs = this.#options.nowMs() - this.#options.forgetAfterMs
    for (const entry of [...this.#table.values()]) {
      if (entry.seenMs >= beforeMs) continue
      if (entry.nextLastMs > entry.lastMs || entry.output?.head !== undefined) continue
      this.#forget(entry)
    }
    for (const { labels, entry } of [...this.#aliases.values()]) {
      if (this.#table.get(asBuffer(entry.labels)) !== entry) this.#aliases.delete(labels)
    }
    this.#placement.sweep(beforeMs)
  }

  /** Forgets all series and the time series that they became. */
  forgetAll(): void {
    for (const entry of [...this.#table.values()]) this.#forget(entry)
    for (const { labels } of [...this.#aliases.values()]) this.#aliases.delete(labels)
    this.#placement.sweep(Number.POSITIVE_INFINITY)
  }

  #forget(entry: SeriesEntry): void {
    this.#placement.remove(entry)
    if (entry.id >= 0) {
      this.#context.journal.forget(entry.id)
      this.#ids.release(entry.id)
      entry.id = -1
    }
    entry.isForgotten = true
    entry.setFollower(undefined)
    this.#planner.forget(entry)
    if (this.#table.delete(entry.labels)) this.#memory.release(entry.labels.length, entry.native?.bytes)
  }
}

const NO_MEMORY =
  'and there is no memory for more; raise the limit of the container, or of V8 with NODE_OPTIONS=--max-old-space-size'

/** Far beyond what Cloud Monitoring allows: 30 labels with names of 100 characters and values of 1,024 bytes. */
const MAX_LABELS_BYTES = 64 * 1024

function isTwinKey(labels: Uint8Array): boolean {
  try {
    return isTwin(decodeLabels(labels))
  } catch {
    return false
  }
}

function restoredProgress({ baseline, last }: NativeState): NativeProgress {
  const progress = new NativeProgress(nativeBytesOf(last))
  progress.baseline = progress.nextBaseline = baseline
  progress.last = progress.nextLast = last
  return progress
}

/** Another form of the labels of a series. */
interface Alias {
  readonly labels: Uint8Array
  readonly entry: SeriesEntry
}
