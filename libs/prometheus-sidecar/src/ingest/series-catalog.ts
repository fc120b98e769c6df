import { messageOf } from '@node-to-cloud/command-line'
import type { Drop } from '../convert/drop-reason.ts'
import { FORMATS } from '../convert/formats/formats.ts'
import type { TypeLookup } from '../convert/formats/metrics-format.ts'
import { isDrop, planSeries, type SeriesPlan } from '../convert/plan-series.ts'
import { matchesAny } from '../convert/selector.ts'
import { debug } from '../log/debug-log.ts'
import type { NativeState, SeriesState } from '../model/conversion-state.ts'
import { RetryLaterError } from '../model/ingester.ts'
import { canonicalBytes } from '../model/labels/canonical-labels.ts'
import { withExternalLabels, withoutExternalLabels } from '../model/labels/external-labels.ts'
import { asBuffer, decodeLabels, encodeLabels, type Labels, METRIC_NAME } from '../model/labels/labels.ts'
import { type ComposedLabels, hashLabels } from '../model/labels/labels-hash.ts'
import type { MetricMetadata, MetricType } from '../model/metadata.ts'
import type { SeriesSpan } from '../model/sample.ts'
import type { Target } from '../model/target.ts'
import type { TimeSeriesIdentity } from '../model/time-series.ts'
import { type MissingSeries, type TargetDirectory, TargetsUnavailableError } from '../targets/target-directory.ts'
import type { CounterNames } from './counter-names.ts'
import { scrapeIntervalMs } from './gap-detection.ts'
import type { Histogram, HistogramAssembly } from './histograms/histogram-assembly.ts'
import type { IngestContext } from './ingest-context.ts'
import { restoreStarts } from './samples/reported-starts.ts'
import { MAX_AHEAD_MS, same } from './samples/series-interval.ts'
import { ByteStore } from './series/byte-store.ts'
import { isTwin, twinLabels } from './series/counter-twin.ts'
import type { OutputSeries } from './series/output-series.ts'
import { OutputSeriesTable } from './series/output-series-table.ts'
import { type EntryPart, type HistogramUnit, NativeProgress, SeriesEntry } from './series/series-entry.ts'
import { nativeBytesOf, SeriesMemory } from './series/series-memory.ts'
import { SeriesTable } from './series/series-table.ts'
import { continueIn, succeed } from './series-moves.ts'
import type { StartTimes } from './start-times.ts'

export interface SeriesCatalogOptions {
  readonly table: SeriesTable<SeriesEntry>
  readonly targets: TargetDirectory
  readonly assembly: HistogramAssembly<EntryPart>
  readonly starts: StartTimes
  readonly counterNames: CounterNames
  readonly maxSeries: number
  /** What all series together may take. */
  readonly maxSeriesBytes: number
  /** A series without samples for this long is forgotten. */
  readonly forgetAfterMs: number
  readonly nowMs: () => number
  /** The time by the system's clock, which may be set. */
  readonly wallNowMs: () => number
}

/**
 * Plans what each Prometheus series becomes, when it appears and when what is known of its target changes; forgets
 * series that are gone.
 */
export class SeriesCatalog {
  readonly #context: IngestContext
  readonly #options: SeriesCatalogOptions
  readonly #table: SeriesTable<SeriesEntry>
  readonly #assembly: HistogramAssembly<EntryPart>
  readonly #bytes = new ByteStore()
  readonly #memory: SeriesMemory
  readonly #outputs: OutputSeriesTable
  readonly #units = new Map<Histogram<EntryPart>, HistogramUnit>()
  /** Other forms of the labels of known series. */
  readonly #aliases = new SeriesTable<Alias>(({ labels }) => labels, hashLabels)
  readonly #freeIds: number[] = []
  readonly #untargetedTypes = new Map<string, MetricType>()
  /** Series of the last run whose target is still unknown. */
  readonly #unplanned = new Set<SeriesEntry>()
  #idsUsed = 0
  #plannedGeneration = -1

  constructor(context: IngestContext, options: SeriesCatalogOptions) {
    this.#context = context
    this.#options = options
    this.#outputs = new OutputSeriesTable(this.#bytes, context.usage)
    this.#table = options.table
    this.#memory = new SeriesMemory(options.maxSeriesBytes)
    this.#assembly = options.assembly
  }

  /** Estimated memory of all series. */
  get usedBytes(): number {
    return this.#memory.usedBytes
  }

  /** Adds metadata that names no target: used where the target's own is unknown. */
  addMetadata(metadata: readonly MetricMetadata[]): void {
    let changed = false
    for (const { family, type } of metadata) {
      if (this.#untargetedTypes.get(family) === type) continue
      if (this.#untargetedTypes.size >= this.#options.maxSeries && !this.#untargetedTypes.has(family)) continue
      this.#untargetedTypes.set(family, type)
      changed = true
    }
    if (!changed) return
    for (const entry of this.#table.values()) if (entry.drop?.drop === 'metadata_not_found') entry.generation = -1
  }

  /** Notes what a span tells of its series: a type, and whether it has native histograms or other samples. */
  noteKind(entry: SeriesEntry, { type, nativeHistograms, stale, samplesStart, samplesEnd }: SeriesSpan): void {
    if (type !== undefined && type !== entry.sentType) this.#learnType(entry, type)
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

  /** The type that came with the samples of a series is used where the target's own is unknown. */
  #learnType(entry: SeriesEntry, type: MetricType): void {
    entry.sentType = type
    if (entry.drop?.drop === 'metadata_not_found') entry.generation = -1
  }

  /** The series of labels that are not written out, if it is known. */
  findComposed(labels: ComposedLabels): SeriesEntry | undefined {
    return (
      this.#table.getComposed(labels) ?? (this.#aliases.size > 0 ? this.#aliases.getComposed(labels)?.entry : undefined)
    )
  }

  /** The series of a span, which is added if it is new; or why it is not kept. `before`: that of the span before it. */
  find(bytes: Buffer, span: SeriesSpan, nowMs: number, before: SeriesEntry | undefined): SeriesEntry | Drop {
    const { labelsStart, labelsEnd, series } = span
    if (series instanceof SeriesEntry) {
      if (!series.isForgotten) return series
      // It was forgotten since its labels were looked up.
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
    if (before !== undefined && found instanceof SeriesEntry) before.follower = found
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
        detail: `${this.#table.size} series are known already; --series.max raises the limit`,
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
    if (type !== undefined) this.#learnType(entry, type)
    return entry
  }

  /** Plans series whose plan is missing or may be outdated; asks for missing targets and metadata. */
  async plan(entries: ReadonlySet<SeriesEntry>): Promise<void> {
    for (const entry of entries) {
      if (!this.#isNew(entry)) continue
      await this.#options.targets.checkConfig()
      break
    }
    const missing = this.#planFromCache(entries, { asked: false })
    debug('planned %d series; the target or type of %d is unknown', entries.size, missing.length)
    if (missing.length > 0) {
      try {
        await this.#options.targets.refresh(missing)
      } catch (cause) {
        for (const entry of entries) if (entry.drop !== undefined) entry.generation = -1
        if (!(cause instanceof TargetsUnavailableError)) throw cause
        throw new RetryLaterError('targets', cause.message, { cause })
      }
      this.#planFromCache(entries, { asked: true })
    }
    if (this.#unplanned.size > 0 && this.#plannedGeneration !== this.#options.targets.generation) {
      this.#planFromCache(this.#unplanned, { asked: true })
    }
    this.#plannedGeneration = this.#options.targets.generation
  }

  /** Continues from the state of the last run. Returns how many series were given up, since they need too much memory. */
  restore(series: readonly SeriesState[]): number {
    let beyondMemory = 0
    const used = new Set<number>()
    const latestMs = this.#options.wallNowMs() + MAX_AHEAD_MS
    for (const state of series) {
      const { bytes: labels } = canonicalBytes(state.labels)
      const twin = this.#table.get(asBuffer(labels))
      if (twin !== undefined && !(twin.lastMs < state.lastMs)) continue
      if (twin !== undefined) {
        used.delete(twin.id)
        this.#unplanned.delete(twin)
      }
      if (twin === undefined && !this.#memory.take(labels.length, nativeBytesOf(state.native?.last))) {
        beyondMemory += 1
        continue
      }
      const entry = new SeriesEntry(this.#bytes.keep(labels), state.lastMs)
      entry.id = state.id
      entry.startMs = entry.nextStartMs = state.startMs
      entry.resetValue = entry.nextResetValue = state.resetValue
      // A time that is still far ahead was that of a wrong clock; one that is less may be by this clock, set back since.
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
      used.add(state.id)
      this.#idsUsed = Math.max(this.#idsUsed, state.id + 1)
      this.#table.add(entry)
      entry.isTwin = isTwinKey(labels)
      if (!entry.isTwin) this.#unplanned.add(entry)
    }
    for (let id = 0; id < this.#idsUsed; id++) if (!used.has(id)) this.#freeIds.push(id)
    this.#planFromCache(this.#unplanned, { asked: false })
    // What is not known yet is asked for once samples come.
    for (const entry of this.#unplanned) if (entry.drop !== undefined) entry.generation = -1
    return beyondMemory
  }

  /** Forgets series that have been silent for long. */
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
    this.#outputs.sweep(beforeMs)
  }

  /** Forgets all series and the time series that they became. */
  forgetAll(): void {
    for (const entry of [...this.#table.values()]) this.#forget(entry)
    for (const { labels } of [...this.#aliases.values()]) this.#aliases.delete(labels)
    this.#outputs.sweep(Number.POSITIVE_INFINITY)
  }

  /**
   * Returns what is missing to plan the rest. `asked`: it was already asked for, so metadata that names no target may
   * be used instead.
   */
  #planFromCache(entries: ReadonlySet<SeriesEntry>, { asked }: { readonly asked: boolean }): MissingSeries[] {
    const { targets } = this.#options
    const missing: MissingSeries[] = []
    for (const entry of entries) {
      // A sample that is sent again is looked for in the queue that its first copy is in.
      if (isPending(entry) || (entry.twin !== undefined && isPending(entry.twin))) continue
      let labels: Labels
      try {
        labels = decodeLabels(entry.labels)
      } catch (error) {
        this.#install(entry, { drop: 'labels_invalid', detail: messageOf(error), invalid: true }, undefined)
        entry.generation = targets.generation
        continue
      }
      const former = this.#isNew(entry) ? this.#former(entry, labels) : undefined
      if (former !== undefined) succeed(entry, former)
      const target = targets.find(withoutExternalLabels(labels, this.#context.rules))
      const isNative = entry.native !== undefined
      let planned = this.#planBy((family) => targets.typeOf(target, family), labels, target, isNative)
      if (lacksMetadata(planned.plan)) {
        const untargeted = this.#planBy(
          (family) => sentTypeOf(entry.sentType, family, labels) ?? this.#untargetedTypes.get(family),
          labels,
          target,
          isNative,
        )
        if (!lacksMetadata(untargeted.plan)) {
          if (!asked) missing.push({ labels, target })
          if (!asked && entry.role === undefined) continue
          planned = untargeted
        } else if (asked && FORMATS[this.#context.rules.format].takesUntyped) {
          planned = this.#planBy(
            (family) => (family === labels.get(METRIC_NAME) ? 'unknown' : undefined),
            labels,
            target,
            isNative,
          )
        }
      } else if (planned.familyType === 'counter') {
        this.#options.counterNames.note(labels.get(METRIC_NAME) ?? '', planned.byFullName ? 'full' : 'family')
      }
      const { plan, familyType, byFullName } = planned
      const isSame =
        entry.generation >= 0 &&
        entry.target === target &&
        entry.familyType === familyType &&
        entry.byFullName === byFullName &&
        entry.drop === undefined
      if (entry.target !== target || Number.isNaN(entry.intervalMs)) entry.intervalMs = scrapeIntervalMs(target)
      entry.target = target
      entry.familyType = familyType
      entry.byFullName = byFullName
      entry.generation = targets.generation
      if (!isSame) this.#install(entry, plan, labels, former?.output)
      if (lacksMetadata(plan) || (isDrop(plan) && plan.drop === 'target_not_found')) {
        missing.push({ labels, target })
      } else this.#unplanned.delete(entry)
    }
    return missing
  }

  #isNew({ generation, id, reachedMs }: SeriesEntry): boolean {
    return generation < 0 && id < 0 && Number.isNaN(reachedMs)
  }

  /** The same series under the external labels that Prometheus had before. */
  #former(entry: SeriesEntry, labels: Labels): SeriesEntry | undefined {
    const { rules } = this.#context
    if (rules.formerExternalLabels.length === 0) return undefined
    const own = withoutExternalLabels(labels, rules)
    for (const external of rules.formerExternalLabels) {
      const former = this.#table.get(encodeLabels(withExternalLabels(own, external)))
      if (former !== undefined && former !== entry && former.role !== undefined && !Number.isNaN(former.lastMs))
        return former
    }
    return undefined
  }

  #planBy(typeOf: TypeLookup, labels: Labels, target: Target | undefined, isNative: boolean): Planned {
    let familyType: MetricType | undefined
    let byFullName = false
    const plan = planSeries(
      labels,
      target,
      (family) => {
        familyType = typeOf(family)
        byFullName = family === labels.get(METRIC_NAME)
        return familyType
      },
      this.#context.rules,
      { isNative, counterForm: (name) => this.#options.counterNames.get(name) },
    )
    return { plan, familyType, byFullName }
  }

  /** `predecessor`: the time series that it was under other external labels. */
  #install(entry: SeriesEntry, plan: SeriesPlan | Drop, labels: Labels | undefined, predecessor?: OutputSeries): void {
    if (entry.member !== undefined) this.#leaveHistogram(entry)
    // A gauge that turns out to be a counter begins with a baseline.
    const before = entry.role === 'gauge' ? undefined : (entry.output ?? predecessor)
    const twinBefore = entry.twin?.output
    if (entry.output !== undefined) this.#outputs.leave(entry.output)
    entry.drop = undefined
    entry.role = undefined
    entry.output = undefined
    entry.createdOf = []
    if (entry.twin !== undefined) this.#dismissTwin(entry)
    if (isDrop(plan)) {
      entry.drop = plan
      return
    }
    entry.role = plan.role
    if (plan.role === 'created') {
      entry.createdOf = plan.createdOf
      return
    }
    const output = this.#join(entry, plan.identity, before)
    const everyMs = labels === undefined ? 0 : this.#everyMs(labels)
    output.everyMs = everyMs
    if (plan.role === 'gauge' && plan.counter !== undefined && labels !== undefined)
      this.#addTwin(entry, twinLabels(labels), plan.counter, twinBefore).everyMs = everyMs
    if (plan.role === 'gauge' || plan.role === 'cumulative' || plan.role === 'native') return
    const part: EntryPart = { role: plan.role, bound: plan.bound, entry }
    const nowMs = this.#options.nowMs()
    // Under other external labels its members have to become known again.
    const settledMs = predecessor === undefined ? entry.lastMs : Number.NaN
    const member = this.#assembly.join(plan.histogram, part, { settledMs, nowMs })
    entry.member = member
    let unit = this.#units.get(member.histogram)
    if (unit === undefined) {
      unit = { histogram: member.histogram, output, count: undefined, exemplars: [] }
      this.#units.set(member.histogram, unit)
    } else if (unit.output !== output) this.#moveHistogram(unit, plan.identity, output)
    if (plan.role === 'count') unit.count = entry
    entry.unit = unit
    for (const { timestampMs, value } of entry.waiting) this.#assembly.accept(member, timestampMs, value, nowMs)
    if (labels !== undefined) this.#options.starts.applyTo(entry)
  }

  /** All parts of a histogram become another time series at once. */
  #moveHistogram(unit: HistogramUnit, identity: TimeSeriesIdentity, output: OutputSeries): void {
    unit.output = output
    for (const { part } of unit.histogram.members) {
      const { entry } = part
      if (entry.output === output) continue
      if (entry.output !== undefined) this.#outputs.leave(entry.output)
      this.#join(entry, identity, entry.output)
    }
  }

  /** `before`: the time series that it was until now, if it was one. */
  #join(entry: SeriesEntry, identity: TimeSeriesIdentity, before: OutputSeries | undefined): OutputSeries {
    const output = this.#outputs.join(identity)
    entry.output = output
    if (before !== undefined && before !== output) continueIn(entry, output, this.#context.journal)
    else if (!Number.isNaN(entry.endMs) && !(output.endMs >= entry.endMs)) {
      output.startMs = entry.startMs
      output.endMs = entry.endMs
    }
    if (entry.id < 0) this.#define(entry)
    return output
  }

  #addTwin(
    entry: SeriesEntry,
    labels: Buffer,
    identity: TimeSeriesIdentity,
    before: OutputSeries | undefined,
  ): OutputSeries {
    const known = this.#table.get(labels)
    const twin = known ?? new SeriesEntry(this.#bytes.keep(labels), entry.seenMs)
    if (known === undefined) {
      this.#memory.take(labels.length)
      this.#table.add(twin)
    }
    twin.isTwin = true
    twin.role = 'cumulative'
    entry.twin = twin
    return this.#join(twin, identity, before)
  }

  /** How often the user wants points of a series; 0: all of them. */
  #everyMs(labels: Labels): number {
    const { intervals } = this.#context.rules
    if (intervals.length === 0) return 0
    const own = withoutExternalLabels(labels, this.#context.rules)
    return intervals.find(({ selector }) => matchesAny([selector], own))?.everyMs ?? 0
  }

  #dismissTwin(entry: SeriesEntry): void {
    const { twin } = entry
    entry.twin = undefined
    if (twin?.output === undefined) return
    this.#outputs.leave(twin.output)
    twin.output = undefined
    twin.role = undefined
  }

  #define(entry: SeriesEntry): void {
    entry.id = this.#freeIds.pop() ?? this.#idsUsed++
    this.#context.journal.define(entry.id, entry.labels)
    const { journal } = this.#context
    if (!Number.isNaN(entry.createdMs)) journal.created(entry.id, entry.createdMs, entry.createdFromMs)
    if (!Number.isNaN(entry.lastMs)) {
      journal.baseline(entry.id, entry.startMs, entry.resetValue)
      journal.settle(entry.id, entry.lastMs, entry.lastValue, entry.endMs)
      if (entry.native?.last !== undefined) {
        journal.nativeBaseline(entry.id, entry.native.baseline)
        journal.nativeLast(entry.id, entry.native.last)
      }
    }
    this.#options.starts.applyTo(entry)
  }

  #forget(entry: SeriesEntry): void {
    if (entry.member !== undefined) this.#leaveHistogram(entry)
    if (entry.output !== undefined) this.#outputs.leave(entry.output)
    if (entry.id >= 0) {
      this.#context.journal.forget(entry.id)
      this.#freeIds.push(entry.id)
      entry.id = -1
    }
    entry.isForgotten = true
    entry.follower = undefined
    this.#unplanned.delete(entry)
    if (this.#table.delete(entry.labels)) this.#memory.giveBack(entry.labels.length, entry.native?.bytes)
  }

  #leaveHistogram(entry: SeriesEntry): void {
    const { member, unit } = entry
    entry.member = undefined
    entry.unit = undefined
    if (member === undefined) return
    this.#assembly.leave(member)
    if (unit?.count === entry) unit.count = undefined
    if (member.histogram.members.length === 0) this.#units.delete(member.histogram)
  }
}

const NO_MEMORY =
  'and there is no memory for more; a higher limit of the container, or of V8 with NODE_OPTIONS=--max-old-space-size, allows more'

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

/** A plan, and the metadata it is based on. */
interface Planned {
  readonly plan: SeriesPlan | Drop
  readonly familyType: MetricType | undefined
  readonly byFullName: boolean
}

/** The type of a family by that of one of its series: a histogram's or summary's has the family's name and a suffix. */
function sentTypeOf(type: MetricType | undefined, family: string, labels: Labels): MetricType | undefined {
  const isWholeName = family === labels.get(METRIC_NAME)
  const hasSuffix = type === 'histogram' || type === 'gaugehistogram' || (type === 'summary' && !labels.has('quantile'))
  return isWholeName === hasSuffix ? undefined : type
}

function lacksMetadata(plan: SeriesPlan | Drop): boolean {
  return isDrop(plan) && plan.drop === 'metadata_not_found'
}

/** Whether a sample of the series, or of its histogram, is pending. */
function isPending({ output, unit, lastMs, nextLastMs }: SeriesEntry): boolean {
  return (output !== undefined && !same(lastMs, nextLastMs)) || unit?.output.head !== undefined
}
