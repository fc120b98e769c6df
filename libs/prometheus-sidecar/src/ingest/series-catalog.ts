import type { Drop } from '../convert/drop-reason.ts'
import type { TypeLookup } from '../convert/formats/external/metric-mapping.ts'
import { isDrop, planSeries, type SeriesPlan } from '../convert/plan-series.ts'
import type { SeriesState } from '../model/conversion-state.ts'
import { RetryLaterError } from '../model/ingester.ts'
import { decodeLabels, type Labels, METRIC_NAME, withoutLabels } from '../model/labels.ts'
import type { MetricMetadata, MetricType } from '../model/metadata.ts'
import type { SeriesSpan } from '../model/sample.ts'
import type { Target } from '../model/target.ts'
import { type MissingSeries, type TargetDirectory, TargetsUnavailableError } from '../targets/target-directory.ts'
import type { Histogram, HistogramAssembly } from './histograms/histogram-assembly.ts'
import type { IngestContext } from './ingest-context.ts'
import { ByteStore } from './series/byte-store.ts'
import { OutputSeriesTable } from './series/output-series-table.ts'
import { type EntryPart, type HistogramUnit, SeriesEntry } from './series/series-entry.ts'
import type { SeriesTable } from './series/series-table.ts'
import { same } from './series-interval.ts'
import type { StartTimes } from './start-times.ts'

export interface SeriesCatalogOptions {
  readonly table: SeriesTable<SeriesEntry>
  readonly targets: TargetDirectory
  readonly assembly: HistogramAssembly<EntryPart>
  readonly starts: StartTimes
  /** Series that are kept at most. */
  readonly maxSeries: number
  /** A series without samples for this long is forgotten. */
  readonly forgetAfterMs: number
  readonly nowMs: () => number
}

/** Knows what each Prometheus series becomes: plans it when it comes and when its target's answers change, and forgets it at last. */
export class SeriesCatalog {
  readonly #context: IngestContext
  readonly #options: SeriesCatalogOptions
  readonly #table: SeriesTable<SeriesEntry>
  readonly #assembly: HistogramAssembly<EntryPart>
  readonly #bytes = new ByteStore()
  readonly #outputs = new OutputSeriesTable(this.#bytes)
  readonly #units = new Map<Histogram<EntryPart>, HistogramUnit>()
  readonly #freeIds: number[] = []
  readonly #described = new Map<string, MetricType>()
  /** Series of the last run whose target is not known yet. */
  readonly #unplanned = new Set<SeriesEntry>()
  #idsUsed = 0
  #plannedGeneration = -1

  constructor(context: IngestContext, options: SeriesCatalogOptions) {
    this.#context = context
    this.#options = options
    this.#table = options.table
    this.#assembly = options.assembly
  }

  /** Metadata that came without a target: used where the target's own is unknown. */
  describe(metadata: readonly MetricMetadata[]): void {
    let changed = false
    for (const { family, type } of metadata) {
      if (this.#described.get(family) === type) continue
      if (this.#described.size >= this.#options.maxSeries && !this.#described.has(family)) continue
      this.#described.set(family, type)
      changed = true
    }
    if (!changed) return
    for (const entry of this.#table.values()) if (entry.drop?.drop === 'metadata_not_found') entry.generation = -1
  }

  /** Keeps a series that is new; or says why it is not kept. */
  add(bytes: Buffer, span: SeriesSpan, nowMs: number): SeriesEntry | Drop {
    const length = span.labelsEnd - span.labelsStart
    if (length > MAX_LABELS_BYTES) {
      return { drop: 'labels_invalid', detail: `its labels have ${length} bytes, ${MAX_LABELS_BYTES} are allowed` }
    }
    if (this.#table.size >= this.#options.maxSeries) {
      return { drop: 'too_many_series', detail: `${this.#table.size} are known; --series.max can be raised` }
    }
    const labels = this.#bytes.keep(bytes, span.labelsStart, span.labelsEnd)
    const entry = new SeriesEntry(labels, nowMs)
    this.#table.add(entry)
    return entry
  }

  /** Plans series whose plan is missing or may be out of date; asks for targets and metadata where they are missing. */
  async plan(entries: ReadonlySet<SeriesEntry>): Promise<void> {
    const missing = this.#planFromCache(entries, { asked: false })
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

  /** Goes on from the state of the last run. */
  restore(series: readonly SeriesState[]): void {
    const used = new Set<number>()
    for (const state of series) {
      const entry = new SeriesEntry(this.#bytes.keep(state.labels), state.lastMs)
      entry.id = state.id
      entry.startMs = entry.nextStartMs = state.startMs
      entry.resetValue = entry.nextResetValue = state.resetValue
      entry.lastMs = entry.nextLastMs = state.lastMs
      entry.lastValue = entry.nextLastValue = state.lastValue
      entry.endMs = state.endMs
      entry.createdMs = state.createdMs
      entry.createdFromMs = state.createdFromMs
      entry.waiting = [...state.waiting]
      entry.seenMs = Number.isNaN(state.lastMs) ? this.#options.nowMs() : state.lastMs
      used.add(state.id)
      this.#idsUsed = Math.max(this.#idsUsed, state.id + 1)
      this.#table.add(entry)
      this.#unplanned.add(entry)
    }
    for (let id = 0; id < this.#idsUsed; id++) if (!used.has(id)) this.#freeIds.push(id)
    this.#planFromCache(this.#unplanned, { asked: false })
  }

  /** Forgets series that were silent for long. */
  sweep(): void {
    const beforeMs = this.#options.nowMs() - this.#options.forgetAfterMs
    for (const entry of [...this.#table.values()]) {
      if (entry.seenMs >= beforeMs) continue
      if (entry.nextLastMs > entry.lastMs || entry.output?.head !== undefined) continue
      this.#forget(entry)
    }
    this.#outputs.sweep(beforeMs)
  }

  /** Gives what is missing to plan the rest. `asked`: it was asked for, so that metadata without a target may serve in its place. */
  #planFromCache(entries: ReadonlySet<SeriesEntry>, { asked }: { readonly asked: boolean }): MissingSeries[] {
    const { targets } = this.#options
    const missing: MissingSeries[] = []
    for (const entry of entries) {
      // Its points have to be settled first: a sample that comes again is looked for where they are queued.
      if (isUnderway(entry)) continue
      let labels: Labels
      try {
        labels = decodeLabels(entry.labels)
      } catch (error) {
        this.#install(entry, { drop: 'labels_invalid', detail: String(error) }, undefined)
        entry.generation = targets.generation
        continue
      }
      const target = targets.find(withoutLabels(labels, this.#context.rules.externalLabels))
      let planned = this.#planBy((family) => targets.typeOf(target, family), labels, target)
      if (lacksMetadata(planned.plan)) {
        const described = this.#planBy((family) => this.#described.get(family), labels, target)
        if (!lacksMetadata(described.plan)) {
          if (!asked) missing.push({ labels, target })
          if (!asked && entry.role === undefined) continue
          planned = described
        }
      }
      const { plan, familyType, byFullName } = planned
      const isSame =
        entry.generation >= 0 &&
        entry.target === target &&
        entry.familyType === familyType &&
        entry.byFullName === byFullName &&
        entry.drop === undefined
      entry.target = target
      entry.familyType = familyType
      entry.byFullName = byFullName
      entry.generation = targets.generation
      if (!isSame) this.#install(entry, plan, labels)
      if (lacksMetadata(plan) || (isDrop(plan) && plan.drop === 'target_not_found')) {
        missing.push({ labels, target })
      } else this.#unplanned.delete(entry)
    }
    return missing
  }

  #planBy(typeOf: TypeLookup, labels: Labels, target: Target | undefined): Planned {
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
    )
    return { plan, familyType, byFullName }
  }

  #install(entry: SeriesEntry, plan: SeriesPlan | Drop, labels: Labels | undefined): void {
    if (entry.member !== undefined) this.#leaveHistogram(entry)
    if (entry.output !== undefined) this.#outputs.leave(entry.output)
    entry.drop = undefined
    entry.role = undefined
    entry.output = undefined
    entry.tells = []
    if (isDrop(plan)) {
      entry.drop = plan
      return
    }
    entry.role = plan.role
    if (plan.role === 'created') {
      entry.tells = plan.tells
      return
    }
    const output = this.#outputs.join(plan.identity)
    entry.output = output
    if (!Number.isNaN(entry.endMs) && !(output.newestEndMs >= entry.endMs)) {
      output.newestStartMs = entry.startMs
      output.newestEndMs = entry.endMs
    }
    if (entry.id < 0) this.#define(entry)
    if (plan.role === 'gauge' || plan.role === 'cumulative') return
    const part: EntryPart = { role: plan.role, bound: plan.bound, entry }
    const nowMs = this.#options.nowMs()
    const member = this.#assembly.join(plan.histogram, part, { settledMs: entry.lastMs, nowMs })
    entry.member = member
    let unit = this.#units.get(member.histogram)
    if (unit === undefined) {
      unit = { histogram: member.histogram, output, count: undefined, exemplars: [] }
      this.#units.set(member.histogram, unit)
    }
    if (plan.role === 'count') unit.count = entry
    entry.unit = unit
    for (const { timestampMs, value } of entry.waiting) this.#assembly.take(member, timestampMs, value, nowMs)
    if (labels !== undefined) this.#options.starts.applyTo(entry)
  }

  #define(entry: SeriesEntry): void {
    entry.id = this.#freeIds.pop() ?? this.#idsUsed++
    this.#context.journal.define(entry.id, entry.labels)
    if (!Number.isNaN(entry.createdMs)) this.#context.journal.created(entry.id, entry.createdMs, entry.createdFromMs)
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
    this.#unplanned.delete(entry)
    this.#table.delete(entry.labels)
  }

  #leaveHistogram(entry: SeriesEntry): void {
    const { member, unit } = entry
    entry.member = undefined
    entry.unit = undefined
    if (member === undefined) return
    this.#assembly.leave(member)
    if (unit?.count === entry) unit.count = undefined
    if (member.histogram.members.size === 0) this.#units.delete(member.histogram)
  }
}

/** Far beyond what Cloud Monitoring takes: 30 labels of 100 characters and 1,024 bytes. */
const MAX_LABELS_BYTES = 64 * 1024

/** A plan, and what of the metadata it rests on. */
interface Planned {
  readonly plan: SeriesPlan | Drop
  readonly familyType: MetricType | undefined
  readonly byFullName: boolean
}

function lacksMetadata(plan: SeriesPlan | Drop): boolean {
  return isDrop(plan) && plan.drop === 'metadata_not_found'
}

/** Some point of it is on its way. */
function isUnderway({ output, lastMs, nextLastMs }: SeriesEntry): boolean {
  return output !== undefined && !same(lastMs, nextLastMs)
}
