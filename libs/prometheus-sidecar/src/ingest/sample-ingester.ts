import { ByteStore } from '../byte-store.ts'
import type { SavedState, SeriesState, StateJournal } from '../conversion-state.ts'
import type { ConversionRules } from '../convert/conversion-rules.ts'
import { refuseInterval, stepCumulative } from '../convert/cumulative.ts'
import type { Drop, DropReason } from '../convert/drop-reason.ts'
import { convertExemplar } from '../convert/exemplar.ts'
import { convertHistogram, type HistogramSample } from '../convert/histogram.ts'
import { isDrop, planSeries, type SeriesPlan } from '../convert/plan-series.ts'
import {
  type AssembledHistogram,
  type AssemblyOptions,
  type Histogram,
  HistogramAssembly,
} from '../histograms/histogram-assembly.ts'
import { type Ingester, RetryLaterError } from '../ingester.ts'
import { decodeLabels, type Labels, withoutLabels } from '../labels.ts'
import type { MetricMetadata, MetricType } from '../metadata.ts'
import type { SampleBatch, SeriesSpan } from '../sample.ts'
import { SeriesTable } from '../series-table.ts'
import { type MissingSeries, type TargetDirectory, TargetsUnavailableError } from '../targets/target-directory.ts'
import { isStartRefusal } from '../write/api-error.ts'
import { Lane, type PointOutcome } from '../write/lane.ts'
import { encodeIdentity } from '../write/time-series-encoding.ts'
import type { Writer } from '../write/writer.ts'
import type { IngestObserver } from './ingest-observer.ts'
import { PendingHistogram, PendingScalar, type Settler } from './pending.ts'
import { type EntryPart, type HistogramUnit, SeriesEntry } from './series-entry.ts'
import { Ticket } from './ticket.ts'

export interface IngesterOptions {
  readonly rules: ConversionRules
  readonly targets: TargetDirectory
  readonly writer: Writer
  readonly observer: IngestObserver
  /** Of the last run. */
  readonly saved?: SavedState
  readonly assembly: AssemblyOptions
  /** Each batch is all of a scrape: the parts of a histogram come together. */
  readonly wholeScrapes: boolean
  /** Series that are kept at most; samples of others are dropped. */
  readonly maxSeries: number
  /** Points that may be on their way when a batch comes; more are answered with "retry later". Undefined: any number. */
  readonly maxPendingPoints?: number | undefined
  /** A series without samples for this long is forgotten. */
  readonly forgetAfterMs: number
  /** The present time, Unix ms. */
  readonly nowMs?: () => number
}

/** Largest time that Cloud Monitoring's timestamps hold (end of the year 9999). */
const MAX_TIMESTAMP_MS = 253_402_300_799_999
const MAX_EXEMPLARS = 10
const NO_TICKET: Ticket | undefined = undefined

/**
 * Takes samples, converts them, queues the points and keeps each series' state: see "How data flows" in the README. One `ingest` after its look-ups
 * runs in one go, so that the state of a series is never seen half changed.
 */
export class SampleIngester implements Ingester, Settler {
  readonly #options: IngesterOptions
  readonly #rules: ConversionRules
  readonly #nowMs: () => number
  readonly #writer: Writer
  readonly #observer: IngestObserver
  readonly #table = new SeriesTable<SeriesEntry>(({ labels }) => labels)
  readonly #lanes = new SeriesTable<Lane>(({ identity }) => identity)
  readonly #bytes = new ByteStore()
  /** Each metric type once, for all lanes of it. */
  readonly #metricTypes = new Map<string, string>()
  readonly #assembly: HistogramAssembly<EntryPart>
  readonly #units = new Map<Histogram<EntryPart>, HistogramUnit>()
  /** Start times told for series that have not come yet. */
  readonly #startsTold = new Map<string, { readonly createdMs: number; readonly fromMs: number }>()
  readonly #freeIds: number[] = []
  readonly #described = new Map<string, MetricType>()
  /** Series of the last run whose target is not known yet. */
  readonly #unplanned = new Set<SeriesEntry>()
  readonly #ingesting = new Set<Underway>()
  #idsUsed = 0
  #plannedGeneration = -1
  #journal: StateJournal | undefined
  #closing = false

  constructor(options: IngesterOptions) {
    this.#options = options
    this.#rules = options.rules
    this.#nowMs = options.nowMs ?? Date.now
    this.#writer = options.writer
    this.#observer = options.observer
    this.#assembly = new HistogramAssembly<EntryPart>(options.assembly)
    if (options.saved !== undefined) this.#restore(options.saved.series)
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
    this.#journal = journal
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
    for (const { family, type } of metadata) {
      if (this.#described.size < this.#options.maxSeries) this.#described.set(family, type)
    }
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
    for (const assembled of this.#assembly.due(nowMs)) this.#emitHistogram(assembled, NO_TICKET)
  }

  /** Forgets series that were silent for long. */
  sweep(): void {
    const nowMs = this.#nowMs()
    for (const entry of [...this.#table.values()]) {
      if (nowMs - entry.seenMs <= this.#options.forgetAfterMs) continue
      if (entry.nextLastMs > entry.lastMs || entry.lane?.head !== undefined) continue
      this.#forget(entry)
    }
    for (const lane of [...this.#lanes.values()]) {
      if (lane.head === undefined && nowMs - lane.lastEndMs > this.#options.forgetAfterMs)
        this.#lanes.delete(lane.identity)
    }
    if (this.#startsTold.size > 100_000) this.#startsTold.clear()
  }

  async #settleAll(ticket: Ticket): Promise<void> {
    await ticket.done
    try {
      await this.#journal?.commit()
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
    let tellers: number[] | undefined
    const { generation } = this.#options.targets
    for (const [index, span] of spans.entries()) {
      const entry =
        this.#table.get(batch.bytes, span.labelsStart, span.labelsEnd) ?? this.#addEntry(batch.bytes, span, nowMs)
      entries[index] = entry
      if (entry === undefined) continue
      entry.seenMs = nowMs
      if (entry.generation !== generation) {
        unplanned ??= new Set()
        unplanned.add(entry)
      }
    }
    if (unplanned !== undefined) await this.#plan(unplanned)

    const ticket = new Ticket()
    const touched = new Set<HistogramUnit>()
    const parts: NewPart[] = []
    for (const [index, span] of spans.entries()) {
      const entry = entries[index]
      if (entry === undefined) continue
      if (entry.role === 'created') {
        tellers ??= []
        tellers.push(index)
      } else if (span.createdMs !== undefined) {
        this.#tellStart(entry, span.createdMs, batch.timestampsMs[span.samplesStart] ?? Number.NaN, ticket)
      }
    }
    for (const index of tellers ?? []) this.#takeTold(entries[index], batch, spans[index], ticket)

    let full = false
    for (const [index, span] of spans.entries()) {
      const entry = entries[index]
      const { samplesStart, samplesEnd } = span
      if (entry === undefined) {
        for (let sample = samplesStart; sample < samplesEnd; sample++) this.#observer.sampleDropped('too_many_series')
        continue
      }
      const { role } = entry
      if (role === 'created') continue
      const staleAt = span.stale ? samplesEnd - 1 : -1
      for (let sample = samplesStart; sample < samplesEnd; sample++) {
        const timestampMs = batch.timestampsMs[sample] ?? Number.NaN
        const value = batch.values[sample] ?? Number.NaN
        if (role === undefined) this.#drop(entry, entry.drop?.drop ?? 'target_not_found', entry.drop?.detail)
        else if (!(timestampMs >= 0 && timestampMs <= MAX_TIMESTAMP_MS)) this.#drop(entry, 'timestamp_invalid')
        else if (role === 'gauge' || role === 'cumulative') {
          this.#takeScalar(entry, timestampMs, value, sample === staleAt, ticket)
        } else if (!this.#takePart(entry, timestampMs, value, sample === staleAt, { ticket, touched, parts, nowMs }))
          full = true
      }
      if (span.exemplars.length > 0) this.#takeExemplars(entry, span)
    }

    for (const unit of touched) {
      if (this.#options.wholeScrapes) this.#assembly.learnt(unit.histogram)
      for (const assembled of this.#assembly.complete(unit.histogram, nowMs)) this.#emitHistogram(assembled, ticket)
    }
    for (const { entry, timestampMs, value } of parts) {
      if (entry.nextLastMs >= timestampMs) continue
      if (entry.waiting.length === 0) entry.waiting = []
      entry.waiting.push({ timestampMs, value })
      this.#journal?.wait(entry.id, timestampMs, value)
    }
    this.#observer.batchTaken(batch.timestampsMs.length)
    ticket.release()
    return { ticket, full }
  }

  #addEntry(bytes: Buffer, span: SeriesSpan, nowMs: number): SeriesEntry | undefined {
    if (this.#table.size >= this.#options.maxSeries) return undefined
    const labels = this.#bytes.keep(bytes, span.labelsStart, span.labelsEnd)
    const entry = new SeriesEntry(labels, nowMs)
    this.#table.add(entry)
    return entry
  }

  /** Plans series whose plan is missing or may be out of date; asks for targets and metadata where they are missing. */
  async #plan(entries: ReadonlySet<SeriesEntry>): Promise<void> {
    const missing = this.#planFromCache(entries)
    if (missing.length > 0) {
      try {
        await this.#options.targets.refresh(missing)
      } catch (cause) {
        for (const entry of entries) if (entry.drop !== undefined) entry.generation = -1
        if (!(cause instanceof TargetsUnavailableError)) throw cause
        throw new RetryLaterError('targets', cause.message, { cause })
      }
      this.#planFromCache(entries)
    }
    if (this.#unplanned.size > 0 && this.#plannedGeneration !== this.#options.targets.generation) {
      this.#planFromCache(this.#unplanned)
    }
    this.#plannedGeneration = this.#options.targets.generation
  }

  /** Gives what is missing to plan the rest. */
  #planFromCache(entries: ReadonlySet<SeriesEntry>): MissingSeries[] {
    const { targets } = this.#options
    const missing: MissingSeries[] = []
    for (const entry of entries) {
      let labels: Labels
      try {
        labels = decodeLabels(entry.labels)
      } catch (error) {
        this.#install(entry, { drop: 'labels_invalid', detail: String(error) }, undefined)
        continue
      }
      const target = targets.find(withoutLabels(labels, this.#rules.externalLabels))
      let familyType: MetricType | undefined
      const plan = planSeries(
        labels,
        target,
        (family) => {
          familyType = targets.typeOf(target, family) ?? this.#described.get(family)
          return familyType
        },
        this.#rules,
      )
      const same =
        entry.generation >= 0 && entry.target === target && entry.familyType === familyType && entry.drop === undefined
      entry.target = target
      entry.familyType = familyType
      entry.generation = targets.generation
      if (!same) this.#install(entry, plan, labels)
      if (isDrop(plan) && (plan.drop === 'target_not_found' || plan.drop === 'metadata_not_found')) {
        missing.push({ labels, target })
      } else this.#unplanned.delete(entry)
    }
    return missing
  }

  #install(entry: SeriesEntry, plan: SeriesPlan | Drop, labels: Labels | undefined): void {
    if (entry.member !== undefined) this.#leaveHistogram(entry)
    entry.drop = undefined
    entry.role = undefined
    entry.lane = undefined
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
    const lane = this.#laneOf(
      encodeIdentity(plan.identity),
      plan.identity.metricType,
      plan.identity.valueType === 'INT64',
    )
    entry.lane = lane
    if (!Number.isNaN(entry.endMs) && !(lane.lastEndMs >= entry.endMs)) {
      lane.lastStartMs = entry.startMs
      lane.lastEndMs = entry.endMs
    }
    if (entry.id < 0) this.#define(entry)
    if (plan.role === 'gauge' || plan.role === 'cumulative') return
    const part: EntryPart = { role: plan.role, bound: plan.bound, entry }
    const nowMs = this.#nowMs()
    const member = this.#assembly.join(plan.histogram, part, { settledMs: entry.lastMs, nowMs })
    entry.member = member
    let unit = this.#units.get(member.histogram)
    if (unit === undefined) {
      unit = { histogram: member.histogram, lane, count: undefined, exemplars: [] }
      this.#units.set(member.histogram, unit)
    }
    if (plan.role === 'count') unit.count = entry
    entry.unit = unit
    for (const { timestampMs, value } of entry.waiting) this.#assembly.take(member, timestampMs, value, nowMs)
    if (labels !== undefined && this.#startsTold.size > 0) this.#applyStartTold(entry)
  }

  #laneOf(identity: Buffer, metricType: string, integer: boolean): Lane {
    const present = this.#lanes.get(identity)
    if (present !== undefined) return present
    let type = this.#metricTypes.get(metricType)
    if (type === undefined) {
      type = metricType
      this.#metricTypes.set(type, type)
    }
    const lane = new Lane(type, this.#bytes.keep(identity), integer)
    this.#lanes.add(lane)
    return lane
  }

  #define(entry: SeriesEntry): void {
    entry.id = this.#freeIds.pop() ?? this.#idsUsed++
    this.#journal?.define(entry.id, entry.labels)
    if (!Number.isNaN(entry.createdMs)) this.#journal?.created(entry.id, entry.createdMs, entry.createdFromMs)
    this.#applyStartTold(entry)
  }

  #forget(entry: SeriesEntry): void {
    if (entry.member !== undefined) this.#leaveHistogram(entry)
    if (entry.id >= 0) {
      this.#journal?.forget(entry.id)
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

  #restore(series: readonly SeriesState[]): void {
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
      entry.seenMs = Number.isNaN(state.lastMs) ? this.#nowMs() : state.lastMs
      used.add(state.id)
      this.#idsUsed = Math.max(this.#idsUsed, state.id + 1)
      this.#table.add(entry)
      this.#unplanned.add(entry)
    }
    for (let id = 0; id < this.#idsUsed; id++) if (!used.has(id)) this.#freeIds.push(id)
    this.#planFromCache(this.#unplanned)
  }

  /** A `_created` series says when another began. */
  #takeTold(entry: SeriesEntry | undefined, batch: SampleBatch, span: SeriesSpan | undefined, ticket: Ticket): void {
    if (entry === undefined || span === undefined) return
    const seconds = batch.values[span.samplesEnd - 1] ?? Number.NaN
    const fromMs = batch.timestampsMs[span.samplesEnd - 1] ?? Number.NaN
    const createdMs = Math.round(seconds * 1000)
    if (!(createdMs > 0) || createdMs > MAX_TIMESTAMP_MS) return
    let found = false
    for (const key of entry.tells) {
      const told = this.#table.get(key)
      if (told === undefined) continue
      found = true
      this.#tellStart(told, createdMs, fromMs, ticket)
    }
    const [key] = entry.tells
    if (!found && key !== undefined) this.#startsTold.set(key.toString('latin1'), { createdMs, fromMs })
  }

  #applyStartTold(entry: SeriesEntry): void {
    if (this.#startsTold.size === 0) return
    const key = Buffer.from(entry.labels).toString('latin1')
    const told = this.#startsTold.get(key)
    if (told === undefined) return
    this.#startsTold.delete(key)
    this.#tellStart(entry, told.createdMs, told.fromMs, NO_TICKET)
  }

  #tellStart(entry: SeriesEntry, createdMs: number, fromMs: number, ticket: Ticket | undefined): void {
    if (entry.createdMs === createdMs) return
    // The first start that is told is that of the running interval; only another means that the series began anew.
    entry.createdFromMs = Number.isNaN(entry.createdMs) ? Number.NaN : fromMs
    entry.createdMs = createdMs
    if (entry.id < 0) return
    this.#journal?.created(entry.id, createdMs, entry.createdFromMs)
    this.#tellBaseline(entry, ticket)
  }

  /** The start of a counter came after its first sample, which was taken for a baseline: it is a point after all. */
  #tellBaseline(entry: SeriesEntry, ticket: Ticket | undefined): void {
    const { lane, createdMs, lastMs, lastValue } = entry
    const onlyBaseline = entry.startMs === lastMs && entry.nextLastMs === lastMs && Number.isNaN(entry.endMs)
    if (lane === undefined || entry.role !== 'cumulative' || !onlyBaseline || !(createdMs < lastMs)) return
    if (refuseInterval(createdMs, lastMs, this.#written(lane), this.#rules.minSamplingPeriodMs) !== undefined) return
    this.#queueScalar(entry, lane, createdMs, lastMs, lastValue, { startMs: createdMs, resetValue: 0 }, ticket)
  }

  #written(lane: Lane) {
    return { startMs: lane.lastStartMs, endMs: lane.lastEndMs }
  }

  #takeScalar(entry: SeriesEntry, timestampMs: number, value: number, stale: boolean, ticket: Ticket): void {
    const { lane } = entry
    if (lane === undefined || timestampMs <= entry.lastMs) return
    if (timestampMs <= entry.nextLastMs) {
      this.#join(lane, entry, timestampMs, ticket)
      return
    }
    if (Number.isNaN(value)) {
      if (!stale) this.#drop(entry, 'nan')
      this.#queueMark(entry, lane, timestampMs, ticket)
      return
    }
    if (lane.integer && !Number.isFinite(value)) {
      this.#drop(entry, 'infinite')
      this.#queueMark(entry, lane, timestampMs, ticket)
      return
    }
    const minPeriodMs = this.#rules.minSamplingPeriodMs
    if (entry.role === 'gauge') {
      const drop = refuseInterval(Number.NaN, timestampMs, this.#written(lane), minPeriodMs)
      entry.nextLastValue = value
      if (drop !== undefined) {
        this.#drop(entry, drop)
        this.#queueMark(entry, lane, timestampMs, ticket)
        return
      }
      const rounded = lane.integer ? Math.sign(value) * Math.round(Math.abs(value)) : value
      this.#queueScalar(
        entry,
        lane,
        undefined,
        timestampMs,
        rounded,
        { startMs: Number.NaN, resetValue: 0 },
        ticket,
        value,
      )
      return
    }
    const cursor = {
      startMs: entry.nextStartMs,
      resetValue: entry.nextResetValue,
      lastMs: entry.nextLastMs,
      lastValue: entry.nextLastValue,
    }
    const sample = { timestampMs, value, createdMs: entry.createdMs, restarted: restarted(entry, timestampMs) }
    const step = stepCumulative(cursor, this.#written(lane), sample, minPeriodMs)
    entry.nextStartMs = step.startMs
    entry.nextResetValue = step.resetValue
    entry.nextLastValue = value
    if (step.drop !== undefined) {
      this.#drop(entry, step.drop)
      this.#queueMark(entry, lane, timestampMs, ticket)
      return
    }
    const since = value - step.resetValue
    this.#queueScalar(
      entry,
      lane,
      step.startMs,
      timestampMs,
      lane.integer ? Math.trunc(since) : since,
      step,
      ticket,
      value,
    )
  }

  #queueScalar(
    entry: SeriesEntry,
    lane: Lane,
    startMs: number | undefined,
    endMs: number,
    value: number,
    interval: { readonly startMs: number; readonly resetValue: number },
    ticket: Ticket | undefined,
    rawValue = value,
  ): void {
    entry.nextStartMs = interval.startMs
    entry.nextResetValue = interval.resetValue
    entry.nextLastMs = endMs
    entry.nextLastValue = rawValue
    lane.lastStartMs = interval.startMs
    lane.lastEndMs = endMs
    const pending = new PendingScalar(
      this,
      entry,
      { startMs, endMs, value },
      { startMs: interval.startMs, resetValue: interval.resetValue, lastMs: endMs, lastValue: rawValue },
    )
    if (ticket !== undefined) pending.attach(ticket)
    this.#writer.enqueue(lane, pending)
  }

  /** A sample that gives no point is settled after those before it. */
  #queueMark(entry: SeriesEntry, lane: Lane, timestampMs: number, ticket: Ticket): void {
    entry.nextLastMs = timestampMs
    const pending = new PendingScalar(this, entry, undefined, {
      startMs: entry.nextStartMs,
      resetValue: entry.nextResetValue,
      lastMs: timestampMs,
      lastValue: entry.nextLastValue,
    })
    pending.attach(ticket)
    this.#writer.enqueue(lane, pending)
  }

  /** The sample came before and its point is on its way: waits for that. */
  #join(lane: Lane, entry: SeriesEntry, timestampMs: number, ticket: Ticket): void {
    for (let queued = lane.head; queued !== undefined; queued = queued.next) {
      if (queued instanceof PendingScalar && queued.entry === entry && queued.lastMs >= timestampMs) {
        queued.attach(ticket)
        return
      }
      if (queued instanceof PendingHistogram && queued.lastMs >= timestampMs && queued.entries.includes(entry)) {
        queued.attach(ticket)
        return
      }
    }
  }

  /** Says false if there was no room. */
  #takePart(entry: SeriesEntry, timestampMs: number, value: number, stale: boolean, request: PartRequest): boolean {
    const { member, unit, lane } = entry
    if (member === undefined || unit === undefined || lane === undefined || timestampMs <= entry.lastMs) return true
    const isNumber = !Number.isNaN(value)
    const outcome = this.#assembly.take(member, timestampMs, value, request.nowMs)
    switch (outcome) {
      case 'full':
        return false
      case 'repeated':
        if (timestampMs <= entry.nextLastMs) this.#join(lane, entry, timestampMs, request.ticket)
        return true
      case 'late':
        this.#drop(entry, 'histogram_incomplete')
        if (timestampMs > entry.lastMs && entry.nextLastMs === entry.lastMs) this.#settlePart(entry, timestampMs, value)
        return true
      case 'taken':
        if (isNumber) request.parts.push({ entry, timestampMs, value })
        else if (!stale) this.#drop(entry, 'nan')
        request.touched.add(unit)
        return true
    }
  }

  #settlePart(entry: SeriesEntry, timestampMs: number, value: number): void {
    entry.lastMs = entry.nextLastMs = timestampMs
    entry.lastValue = entry.nextLastValue = value
    this.#journal?.settle(entry.id, timestampMs, value, entry.endMs)
  }

  #takeExemplars(entry: SeriesEntry, span: SeriesSpan): void {
    const { unit } = entry
    if (unit === undefined) return
    for (const exemplar of span.exemplars) {
      if (!Number.isFinite(exemplar.value) || !(exemplar.timestampMs >= 0 && exemplar.timestampMs <= MAX_TIMESTAMP_MS))
        continue
      const converted = convertExemplar(exemplar, this.#rules.resourceDefaults.projectId)
      const known = unit.exemplars.some(
        ({ value, timestampMs }) => value === converted.value && timestampMs === converted.timestampMs,
      )
      if (known) continue
      unit.exemplars.push(converted)
      if (unit.exemplars.length > MAX_EXEMPLARS) unit.exemplars.shift()
    }
  }

  #emitHistogram(assembled: AssembledHistogram<EntryPart>, ticket: Ticket | undefined): void {
    const { timestampMs, values } = assembled
    const samples: HistogramSample[] = []
    const entries: SeriesEntry[] = []
    const raw: number[] = []
    let unit: HistogramUnit | undefined
    for (const [{ part }, value] of values) {
      const { entry } = part
      unit ??= entry.unit
      entries.push(entry)
      raw.push(value)
      const cursor = {
        startMs: entry.nextStartMs,
        resetValue: entry.nextResetValue,
        lastMs: entry.nextLastMs,
        lastValue: entry.nextLastValue,
      }
      samples.push({ role: part.role, bound: part.bound, value, cursor })
    }
    if (unit === undefined) return
    const { lane, count } = unit
    const step = convertHistogram(
      samples,
      this.#written(lane),
      {
        timestampMs,
        createdMs: count?.createdMs ?? Number.NaN,
        restarted: count !== undefined && restarted(count, timestampMs),
      },
      unit.exemplars,
      this.#rules.minSamplingPeriodMs,
    )
    for (const [index, entry] of entries.entries()) {
      const value = raw[index] ?? Number.NaN
      entry.nextLastMs = timestampMs
      entry.nextLastValue = value
      if (step.baseline === 'kept') continue
      entry.nextStartMs = step.startMs
      entry.nextResetValue = step.baseline === 'zero' ? 0 : value
    }
    const pending = new PendingHistogram(this, { entries, values: raw }, { timestampMs, ...step })
    if (ticket !== undefined) pending.attach(ticket)
    if (typeof step.result === 'string') this.#drop(count ?? entries[0], step.result)
    else {
      unit.exemplars = []
      lane.lastStartMs = step.startMs
      lane.lastEndMs = timestampMs
    }
    this.#writer.enqueue(lane, pending)
  }

  scalarSettled(pending: PendingScalar, outcome: PointOutcome): 'settled' | 'again' {
    const { entry } = pending
    if (this.#hasRefusedStart(pending, outcome) && this.#moveScalar(pending)) return 'again'
    this.#count(entry, outcome)
    if (pending.lastMs < entry.lastMs) return 'settled'
    const begun = !same(pending.startMs, entry.startMs) || pending.resetValue !== entry.resetValue
    entry.startMs = pending.startMs
    entry.resetValue = pending.resetValue
    entry.lastMs = pending.lastMs
    entry.lastValue = pending.lastValue
    if (outcome.kind === 'stored' || outcome.kind === 'already_stored') entry.endMs = pending.lastMs
    if (entry.id < 0) return 'settled'
    if (begun) this.#journal?.baseline(entry.id, entry.startMs, entry.resetValue)
    this.#journal?.settle(entry.id, entry.lastMs, entry.lastValue, entry.endMs)
    return 'settled'
  }

  histogramSettled(pending: PendingHistogram, outcome: PointOutcome): 'settled' | 'again' {
    const [first] = pending.entries
    const count = first?.unit?.count ?? first
    if (this.#hasRefusedStart(pending, outcome) && this.#moveHistogram(pending, count)) return 'again'
    if (count !== undefined) this.#count(count, outcome)
    for (const [index, entry] of pending.entries.entries()) {
      if (pending.lastMs < entry.lastMs) continue
      const value = pending.values[index] ?? Number.NaN
      entry.lastMs = pending.lastMs
      entry.lastValue = value
      if (outcome.kind === 'stored' || outcome.kind === 'already_stored') entry.endMs = pending.lastMs
      if (entry.waiting.length > 0)
        entry.waiting = entry.waiting.filter(({ timestampMs }) => timestampMs > entry.lastMs)
      if (pending.resetValues !== undefined) {
        entry.startMs = pending.startMs
        entry.resetValue = pending.resetValues[index] ?? 0
      }
      if (entry.id < 0) continue
      if (pending.resetValues !== undefined) this.#journal?.baseline(entry.id, entry.startMs, entry.resetValue)
      this.#journal?.settle(entry.id, entry.lastMs, entry.lastValue, entry.endMs)
    }
    return 'settled'
  }

  /** The series' newest interval is another than thought, as after a crash before the journal: the point can yet be written in one of its own. */
  #hasRefusedStart(pending: PendingScalar | PendingHistogram, outcome: PointOutcome): boolean {
    const refused = outcome.kind === 'refused' || outcome.kind === 'already_stored'
    return refused && !pending.moved && !Number.isNaN(pending.startMs) && isStartRefusal(outcome.reason)
  }

  /** Puts a counter's point, and those queued behind it in the same interval, into a new one that begins after the last settled sample. */
  #moveScalar(pending: PendingScalar): boolean {
    const { entry, startMs: oldStartMs } = pending
    const { lane } = entry
    if (lane === undefined) return false
    const begins = !same(oldStartMs, entry.startMs)
    const startMs = begins ? pending.lastMs - 1 : entry.lastMs + 1
    const resetValue = begins ? pending.resetValue : entry.lastValue
    if (!(startMs < pending.lastMs) || startMs === oldStartMs) return false
    pending.moved = true
    pending.move(startMs, resetValue, lane.integer)
    for (let queued = lane.head; queued !== undefined; queued = queued.next) {
      if (queued instanceof PendingScalar && queued.entry === entry && same(queued.startMs, oldStartMs)) {
        queued.move(startMs, resetValue, lane.integer)
      }
    }
    if (same(entry.nextStartMs, oldStartMs)) {
      entry.nextStartMs = startMs
      entry.nextResetValue = resetValue
    }
    if (same(lane.lastStartMs, oldStartMs)) lane.lastStartMs = startMs
    this.#writer.putBack(lane, pending)
    return true
  }

  /** The same for a histogram. */
  #moveHistogram(pending: PendingHistogram, count: SeriesEntry | undefined): boolean {
    const { startMs: oldStartMs, resetValues } = pending
    const lane = count?.lane
    if (count === undefined || lane === undefined) return false
    const begins = resetValues !== undefined
    const startMs = begins ? pending.lastMs - 1 : count.lastMs + 1
    if (!(startMs < pending.lastMs) || startMs === oldStartMs) return false
    const resetOf = new Map(
      pending.entries.map((entry, index) => [entry, begins ? (resetValues[index] ?? 0) : entry.lastValue]),
    )
    const resetValueOf = (entry: SeriesEntry) => resetOf.get(entry) ?? entry.resetValue
    if (!pending.move(startMs, resetValueOf)) return false
    pending.moved = true
    for (let queued = lane.head; queued !== undefined; queued = queued.next) {
      if (queued instanceof PendingHistogram && same(queued.startMs, oldStartMs)) queued.move(startMs, resetValueOf)
    }
    for (const [entry, resetValue] of resetOf) {
      if (!same(entry.nextStartMs, oldStartMs)) continue
      entry.nextStartMs = startMs
      entry.nextResetValue = resetValue
    }
    if (same(lane.lastStartMs, oldStartMs)) lane.lastStartMs = startMs
    this.#writer.putBack(lane, pending)
    return true
  }

  #count(entry: SeriesEntry, outcome: PointOutcome): void {
    switch (outcome.kind) {
      case 'stored':
      case 'already_stored':
        this.#observer.pointStored(outcome.kind)
        break
      case 'refused':
        this.#observer.pointRefused(outcome.code)
        this.#drop(entry, 'refused', outcome.reason)
        break
      case 'displaced':
        this.#drop(entry, 'buffer_full')
        break
      case 'passed':
    }
  }

  #drop(entry: SeriesEntry | undefined, reason: DropReason, detail = ''): void {
    this.#observer.sampleDropped(reason)
    if (entry?.warnOnce(reason) !== true) return
    this.#observer.seriesDropped({ reason, detail, labels: () => describeLabels(entry.labels) })
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

interface NewPart {
  readonly entry: SeriesEntry
  readonly timestampMs: number
  readonly value: number
}

interface PartRequest {
  readonly ticket: Ticket
  readonly touched: Set<HistogramUnit>
  readonly parts: NewPart[]
  readonly nowMs: number
}

/**
 * The target says that the series began anew between its last sample and this one. By the time of the sample that said so, since the start itself is
 * by the target's own clock; it may come early, in another request.
 */
function restarted(entry: SeriesEntry, timestampMs: number): boolean {
  return entry.nextLastMs < entry.createdFromMs && entry.createdFromMs <= timestampMs
}

function newestTakenMs(entry: SeriesEntry): number | undefined {
  const newest = Math.max(entry.nextLastMs, entry.member?.takenMs ?? Number.NaN)
  const known = Number.isNaN(newest) ? entry.nextLastMs : newest
  return Number.isFinite(known) ? known : undefined
}

function same(a: number, b: number): boolean {
  return a === b || (Number.isNaN(a) && Number.isNaN(b))
}

/** A series as Prometheus writes it: `name{label="value"}`. */
export function describeLabels(bytes: Uint8Array): string {
  let labels: Map<string, string>
  try {
    labels = decodeLabels(bytes)
  } catch {
    return `0x${Buffer.from(bytes).toString('hex', 0, 64)}`
  }
  const name = labels.get('__name__') ?? ''
  labels.delete('__name__')
  return `${name}{${[...labels].map(([label, value]) => `${label}=${JSON.stringify(value)}`).join(', ')}}`
}
