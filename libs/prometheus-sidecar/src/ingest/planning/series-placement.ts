import type { Drop } from '../../convert/drop-reason.ts'
import { isDrop, type SeriesPlan } from '../../convert/plan-series.ts'
import { matchesAny } from '../../convert/selector.ts'
import { withoutExternalLabels } from '../../model/labels/external-labels.ts'
import type { Labels } from '../../model/labels/labels.ts'
import type { TimeSeriesIdentity } from '../../model/time-series.ts'
import type { Histogram, HistogramAssembly } from '../histograms/histogram-assembly.ts'
import type { IngestContext } from '../ingest-context.ts'
import type { ByteStore } from '../series/byte-store.ts'
import { twinLabels } from '../series/counter-twin.ts'
import type { OutputSeries } from '../series/output-series.ts'
import { OutputSeriesTable } from '../series/output-series-table.ts'
import { type EntryPart, type HistogramUnit, SeriesEntry } from '../series/series-entry.ts'
import type { SeriesIds } from '../series/series-ids.ts'
import type { SeriesMemory } from '../series/series-memory.ts'
import type { SeriesTable } from '../series/series-table.ts'
import type { StartTimes } from '../start-times.ts'
import { continueIn } from './series-moves.ts'

/** Options of {@link SeriesPlacement}. */
export interface SeriesPlacementOptions {
  readonly table: SeriesTable<SeriesEntry>
  readonly bytes: ByteStore
  readonly memory: SeriesMemory
  readonly ids: SeriesIds
  readonly assembly: HistogramAssembly<EntryPart>
  readonly starts: StartTimes
  readonly nowMs: () => number
}

/** What is known about a series when its plan is installed. */
export interface PlacedSeries {
  /** Undefined if the labels can't be decoded. */
  readonly labels: Labels | undefined
  /** The time series that it was under other external labels, if any. */
  readonly predecessor?: OutputSeries | undefined
}

/** Puts series in the places that their plans assign to them: a time series, a histogram, a twin. */
export class SeriesPlacement {
  readonly #context: IngestContext
  readonly #options: SeriesPlacementOptions
  readonly #outputs: OutputSeriesTable
  readonly #units = new Map<Histogram<EntryPart>, HistogramUnit>()

  constructor(context: IngestContext, options: SeriesPlacementOptions) {
    this.#context = context
    this.#options = options
    this.#outputs = new OutputSeriesTable(options.bytes, context.usage)
  }

  /** Installs a plan, which replaces the current one of the series. */
  install(entry: SeriesEntry, plan: SeriesPlan | Drop, { labels, predecessor }: PlacedSeries): void {
    if (entry.member !== undefined) this.#leaveHistogram(entry)
    // A gauge that turns out to be a counter starts with a baseline.
    const before = entry.role === 'gauge' ? undefined : (entry.output ?? predecessor)
    const twinBefore = entry.twin?.output
    if (entry.output !== undefined) this.#outputs.leave(entry.output)
    entry.drop = undefined
    entry.role = undefined
    entry.output = undefined
    entry.createdOf = []
    if (entry.twin !== undefined) this.#removeTwin(entry)
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
    const periodMs = labels === undefined ? 0 : this.#periodOf(labels)
    output.periodMs = periodMs
    if (plan.role === 'gauge' && plan.counter !== undefined && labels !== undefined)
      this.#addTwin(entry, twinLabels(labels), plan.counter, twinBefore).periodMs = periodMs
    if (plan.role === 'gauge' || plan.role === 'cumulative' || plan.role === 'native') return
    const { assembly, starts, nowMs } = this.#options
    // Under other external labels, its members have to become known again.
    const settledMs = predecessor === undefined ? entry.lastMs : Number.NaN
    const part: EntryPart = { role: plan.role, bound: plan.bound, entry }
    const joinedMs = nowMs()
    const member = assembly.join(plan.histogram, part, { settledMs, nowMs: joinedMs })
    entry.member = member
    let unit = this.#units.get(member.histogram)
    if (unit === undefined) {
      unit = { histogram: member.histogram, output, count: undefined, exemplars: [] }
      this.#units.set(member.histogram, unit)
    } else if (unit.output !== output) this.#moveHistogram(unit, plan.identity, output)
    if (plan.role === 'count') unit.count = entry
    entry.unit = unit
    for (const { timestampMs, value } of entry.waiting) assembly.accept(member, timestampMs, value, joinedMs)
    if (labels !== undefined) starts.applyTo(entry)
  }

  /** Removes a series from its places. */
  remove(entry: SeriesEntry): void {
    if (entry.member !== undefined) this.#leaveHistogram(entry)
    if (entry.output !== undefined) this.#outputs.leave(entry.output)
  }

  /** Forgets time series that no series maps to, and that have had no point since `beforeMs`. */
  sweep(beforeMs: number): void {
    this.#outputs.sweep(beforeMs)
  }

  /** Moves all parts of a histogram to another time series at once. */
  #moveHistogram(unit: HistogramUnit, identity: TimeSeriesIdentity, output: OutputSeries): void {
    unit.output = output
    for (const { part } of unit.histogram.members) {
      const { entry } = part
      if (entry.output === output) continue
      if (entry.output !== undefined) this.#outputs.leave(entry.output)
      this.#join(entry, identity, entry.output)
    }
  }

  /** `before`: the time series that it was until now, if any. */
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
    const { table, bytes, memory } = this.#options
    const known = table.get(labels)
    const twin = known ?? new SeriesEntry(bytes.keep(labels), entry.seenMs)
    if (known === undefined) {
      memory.take(labels.length)
      table.add(twin)
    }
    twin.isTwin = true
    twin.role = 'cumulative'
    entry.twin = twin
    return this.#join(twin, identity, before)
  }

  #removeTwin(entry: SeriesEntry): void {
    const { twin } = entry
    entry.twin = undefined
    if (twin?.output === undefined) return
    this.#outputs.leave(twin.output)
    twin.output = undefined
    twin.role = undefined
  }

  /** The period of a thinned series; 0 for others. */
  #periodOf(labels: Labels): number {
    const { intervals } = this.#context.rules
    if (intervals.length === 0) return 0
    const own = withoutExternalLabels(labels, this.#context.rules)
    return intervals.find(({ selector }) => matchesAny([selector], own))?.periodMs ?? 0
  }

  /** Gives a series an id, and adds it to the journal with its state so far. */
  #define(entry: SeriesEntry): void {
    const { journal } = this.#context
    entry.id = this.#options.ids.take()
    journal.define(entry.id, entry.labels)
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

  #leaveHistogram(entry: SeriesEntry): void {
    const { member, unit } = entry
    entry.member = undefined
    entry.unit = undefined
    if (member === undefined) return
    this.#options.assembly.leave(member)
    if (unit?.count === entry) unit.count = undefined
    if (member.histogram.members.length === 0) this.#units.delete(member.histogram)
  }
}
