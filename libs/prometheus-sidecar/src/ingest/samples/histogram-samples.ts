import {
  convertHistogram,
  distributionOf,
  type HistogramPart,
  type HistogramSample,
  type HistogramStep,
} from '../../convert/histogram.ts'
import type { WaitingPart } from '../../model/conversion-state.ts'
import type { SeriesSpan } from '../../model/sample.ts'
import { isStored, type PointOutcome } from '../../write/series-queue.ts'
import type { AssembledHistogram, HistogramAssembly, Member } from '../histograms/histogram-assembly.ts'
import type { IngestContext } from '../ingest-context.ts'
import type { OutputSeries } from '../series/output-series.ts'
import type { EntryPart, HistogramUnit, SeriesEntry } from '../series/series-entry.ts'
import type { Ticket } from '../ticket.ts'
import { keepExemplars } from './kept-exemplars.ts'
import { awaitPending, PendingHistogram, type Settler } from './pending.ts'
import { applyStarts } from './reported-starts.ts'
import { hasRefusedStart, isFirstSample, isUnwritten, same } from './series-interval.ts'

type Writable<Type> = { -readonly [Key in keyof Type]: Type[Key] }

/** Samples of histogram parts that may have to wait for the others. */
class AcceptedParts {
  readonly entries: SeriesEntry[] = []
  readonly timestampsMs: number[] = []
  readonly values: number[] = []

  add(entry: SeriesEntry, timestampMs: number, value: number): void {
    this.entries.push(entry)
    this.timestampsMs.push(timestampMs)
    this.values.push(value)
  }
}

/** The state of histograms while one batch is processed. */
export class HistogramBatch {
  readonly ticket: Ticket
  readonly nowMs: number
  /** Histograms that received parts. */
  readonly touched = new Set<HistogramUnit>()
  readonly parts = new AcceptedParts()
  /** Series with samples rejected for lack of room: later ones must not overtake those that will be resent. */
  readonly rejected = new Set<SeriesEntry>()

  constructor(ticket: Ticket, nowMs: number) {
    this.ticket = ticket
    this.nowMs = nowMs
  }
}

/** Converts samples of histogram parts into distributions; those of incomplete histograms wait in the journal. */
export class HistogramSamples implements Settler<PendingHistogram> {
  readonly #context: IngestContext
  readonly #assembly: HistogramAssembly<EntryPart>
  readonly #samples: Writable<HistogramSample>[] = []

  constructor(context: IngestContext, assembly: HistogramAssembly<EntryPart>) {
    this.#context = context
    this.#assembly = assembly
  }

  /** Returns false if the sample was rejected for lack of room. */
  accept(entry: SeriesEntry, timestampMs: number, value: number, stale: boolean, batch: HistogramBatch): boolean {
    const { member, unit, output } = entry
    if (member === undefined || unit === undefined || output === undefined || timestampMs <= entry.lastMs) return true
    if (batch.rejected.has(entry)) return false
    const outcome = this.#assembly.accept(member, timestampMs, value, batch.nowMs)
    switch (outcome) {
      case 'full':
        batch.rejected.add(entry)
        return false
      case 'repeated':
        if (timestampMs <= entry.nextLastMs) awaitPending(output, entry, timestampMs, batch.ticket)
        return true
      case 'late':
        this.#context.drops.drop(entry, 'histogram_incomplete')
        if (timestampMs > entry.lastMs && entry.nextLastMs === entry.lastMs) this.#settlePart(entry, timestampMs, value)
        return true
      case 'accepted':
        if (!Number.isNaN(value)) batch.parts.add(entry, timestampMs, value)
        else if (!stale) this.#context.drops.drop(entry, 'nan')
        else if (unit.count === entry) this.#writeThinned(unit, batch.ticket)
        batch.touched.add(unit)
        return true
    }
  }

  /**
   * Writes the histograms that a batch completes, and journals its other parts. `wholeScrapes`: no more parts will
   * arrive for these times.
   */
  completeAll({ touched, parts, ticket, nowMs }: HistogramBatch, wholeScrapes: boolean): void {
    for (const unit of touched) {
      if (wholeScrapes) this.#assembly.endLearning(unit.histogram)
      for (const assembled of this.#assembly.complete(unit.histogram, nowMs)) this.#emit(assembled, ticket)
    }
    for (let index = 0; index < parts.entries.length; index++) {
      const entry = parts.entries[index] as SeriesEntry
      const timestampMs = parts.timestampsMs[index] ?? Number.NaN
      if (entry.nextLastMs >= timestampMs) continue
      const value = parts.values[index] ?? Number.NaN
      if (entry.nextLastMs > entry.lastMs || (Number.isNaN(entry.lastMs) && !Number.isNaN(entry.nextLastMs))) {
        if (entry.output !== undefined) awaitPending(entry.output, entry, entry.nextLastMs, ticket)
        if (entry.behind.length === 0) entry.behind = []
        entry.behind.push({ timestampMs, value })
      } else this.#keep(entry, { timestampMs, value })
    }
  }

  #keep(entry: SeriesEntry, part: WaitingPart): void {
    if (entry.waiting.length === 0) entry.waiting = []
    entry.waiting.push(part)
    this.#context.journal.wait(entry.id, part.timestampMs, part.value)
  }

  /** Keeps the parts that waited behind samples that are now settled. */
  #keepPartsBehind(entry: SeriesEntry): void {
    if (entry.behind.length === 0 || entry.nextLastMs > entry.lastMs) return
    const behind = entry.behind.filter(({ timestampMs }) => timestampMs > entry.lastMs)
    entry.behind = []
    for (const part of behind) this.#keep(entry, part)
  }

  /** Writes histograms that need not wait any longer. */
  emitDue(nowMs: number): void {
    for (const assembled of this.#assembly.due(nowMs)) this.#emit(assembled, undefined)
  }

  /** Keeps exemplars for the histogram's next point. */
  keepExemplars(entry: SeriesEntry, span: SeriesSpan): void {
    const { unit } = entry
    if (unit !== undefined)
      keepExemplars(unit.exemplars, span.exemplars, this.#context.rules.resourceDefaults.projectId)
  }

  #settlePart(entry: SeriesEntry, timestampMs: number, value: number): void {
    entry.lastMs = entry.nextLastMs = timestampMs
    entry.lastValue = entry.nextLastValue = value
    this.#context.journal.settle(entry.id, timestampMs, value, entry.endMs)
  }

  #emit({ timestampMs, members, values, incomplete }: AssembledHistogram<EntryPart>, ticket: Ticket | undefined): void {
    const samples: HistogramSample[] = []
    let first: SeriesEntry | undefined
    for (let index = 0; index < members.length; index++) {
      const value = values[index] as number
      if (Number.isNaN(value)) continue
      const { part } = members[index] as Member<EntryPart>
      first ??= part.entry
      samples.push(this.#sampleOf(part, value, samples.length))
    }
    const unit = first?.unit
    if (unit === undefined || first === undefined) return
    const { output, count } = unit
    const restarted = !incomplete && count !== undefined && applyStarts(count, timestampMs)
    const step: HistogramStep = incomplete
      ? { startMs: count?.nextStartMs ?? Number.NaN, baseline: 'kept', result: 'histogram_incomplete' }
      : convertHistogram(
          samples,
          output,
          { timestampMs, createdMs: count?.believedMs ?? Number.NaN, restarted },
          unit.exemplars,
          this.#context.rules.minSamplingPeriodMs,
        )
    const { startMs, baseline, result } = step
    if (baseline !== 'kept' && !incomplete) this.#writeThinned(unit, ticket)
    const resetValues = baseline === 'kept' ? undefined : baseline === 'zero' ? values.map(() => 0) : values
    for (let index = 0; index < members.length; index++) {
      const value = values[index] as number
      if (Number.isNaN(value)) continue
      const { entry } = (members[index] as Member<EntryPart>).part
      entry.nextLastMs = timestampMs
      entry.nextLastValue = value
      if (resetValues === undefined) continue
      entry.nextStartMs = startMs
      entry.nextResetValue = resetValues[index] ?? 0
    }
    const point = typeof result === 'string' ? undefined : { startMs, endMs: timestampMs, value: result }
    const after = { startMs, resetValues, lastMs: timestampMs }
    const pending = new PendingHistogram(this, { members, values }, point, after)
    if (ticket !== undefined) pending.attach(ticket)
    if (typeof result === 'string') this.#context.drops.drop(count ?? first, result)
    else {
      unit.exemplars = []
      output.startMs = startMs
      output.endMs = timestampMs
    }
    this.#context.writer.enqueue(output, pending)
  }

  /** A part's sample, in an object that the next histogram reuses. */
  #sampleOf({ role, bound, entry }: EntryPart, value: number, place: number): HistogramSample {
    const { nextStartMs: startMs, nextResetValue: resetValue, nextLastMs: lastMs, nextLastValue: lastValue } = entry
    const used = this.#samples[place]
    if (used === undefined) {
      const sample = { role, bound, value, startMs, resetValue, lastMs, lastValue }
      this.#samples.push(sample)
      return sample
    }
    used.role = role
    used.bound = bound
    used.value = value
    used.startMs = startMs
    used.resetValue = resetValue
    used.lastMs = lastMs
    used.lastValue = lastValue
    return used
  }

  /** Writes the last distribution of a thinned histogram that ends or restarts, if it has not been written yet. */
  #writeThinned({ histogram, output, count, exemplars }: HistogramUnit, ticket: Ticket | undefined): void {
    if (count === undefined) return
    const { nextStartMs: startMs, nextLastMs: endMs } = count
    if (!isUnwritten(output, startMs, endMs, this.#context)) return
    const { members } = histogram
    const values = members.map(({ part: { entry } }) =>
      entry.nextLastMs === endMs && same(entry.nextStartMs, startMs) ? entry.nextLastValue : Number.NaN,
    )
    const value = distributionOf(
      increases(members, values, ({ nextResetValue }) => nextResetValue),
      exemplars,
    )
    if (value === undefined) return
    const after = { startMs, resetValues: undefined, lastMs: endMs }
    const pending = new PendingHistogram(this, { members, values }, { startMs, endMs, value }, after)
    if (ticket !== undefined) pending.attach(ticket)
    output.startMs = startMs
    output.endMs = endMs
    this.#context.writer.enqueue(output, pending)
  }

  settled(pending: PendingHistogram, outcome: PointOutcome): 'settled' | 'again' {
    const { members, values, lastMs } = pending
    const first = members.find((_, index) => !Number.isNaN(values[index]))?.part.entry
    const count = first?.unit?.count ?? first
    if (count !== undefined) {
      if (!hasRefusedStart(pending, outcome)) this.#context.drops.count(count, outcome, pending.point)
      else if (isFirstSample(count, pending) && pending.resetValues !== undefined) this.#makeBaseline(pending, count)
      else if (this.#move(pending, count)) return 'again'
      else this.#context.drops.count(count, outcome, pending.point)
      count.trail?.settled(pending.lastMs, isStored(outcome) ? pending.point : undefined)
    }
    const isInPoint = pending.point !== undefined && isStored(outcome)
    for (let index = 0; index < members.length; index++) {
      const { entry } = (members[index] as Member<EntryPart>).part
      const value = values[index] as number
      if (Number.isNaN(value) || lastMs < entry.lastMs) continue
      entry.lastMs = lastMs
      entry.lastValue = value
      if (isInPoint) {
        entry.endMs = lastMs
        entry.endValue = value
      }
      if (entry.waiting.length > 0)
        entry.waiting = entry.waiting.filter(({ timestampMs }) => timestampMs > entry.lastMs)
      if (pending.resetValues !== undefined) {
        entry.startMs = pending.startMs
        entry.resetValue = pending.resetValues[index] ?? 0
      }
      if (entry.id < 0) continue
      if (pending.resetValues !== undefined) this.#context.journal.baseline(entry.id, entry.startMs, entry.resetValue)
      this.#context.journal.settle(entry.id, entry.lastMs, entry.lastValue, entry.endMs)
      this.#keepPartsBehind(entry)
    }
    return 'settled'
  }

  /**
   * Moves a distribution, and those queued behind it in the same interval, into a new interval after the last settled
   * sample.
   */
  #move(pending: PendingHistogram, count: SeriesEntry | undefined): boolean {
    const { startMs: oldStartMs, resetValues } = pending
    const output = count?.output
    if (count === undefined || output === undefined) return false
    const startsInterval = !same(oldStartMs, count.startMs)
    const startMs = startsInterval ? pending.lastMs - 1 : count.lastMs + 1
    if (!(startMs < pending.lastMs) || startMs === oldStartMs) return false
    const resetOf = eachOf(pending, ({ lastValue }, index) =>
      startsInterval ? (resetValues?.[index] ?? 0) : lastValue,
    )
    const resetValueOf = (entry: SeriesEntry) => resetOf.get(entry) ?? entry.resetValue
    if (!moveInterval(pending, startMs, resetValueOf)) return false
    pending.moved = true
    this.#moveOthers(output, oldStartMs, startMs, resetOf)
    this.#context.writer.putBack(output, pending)
    return true
  }

  /** Turns the first distribution of a histogram into a baseline, from which those queued behind it are counted. */
  #makeBaseline(pending: PendingHistogram, count: SeriesEntry): void {
    const { startMs: oldStartMs, lastMs, values } = pending
    pending.point = undefined
    pending.startMs = lastMs
    pending.resetValues = values
    const resetOf = eachOf(pending, (_, index) => values[index] ?? 0)
    if (count.output !== undefined) this.#moveOthers(count.output, oldStartMs, lastMs, resetOf)
    this.#context.drops.drop(count, 'first_sample')
  }

  /** Moves the distributions queued in one interval into another. */
  #moveOthers(
    output: OutputSeries,
    oldStartMs: number,
    startMs: number,
    resetOf: ReadonlyMap<SeriesEntry, number>,
  ): void {
    const resetValueOf = (entry: SeriesEntry) => resetOf.get(entry) ?? entry.resetValue
    for (let queued = output.head; queued !== undefined; queued = queued.next) {
      if (queued instanceof PendingHistogram && same(queued.startMs, oldStartMs))
        moveInterval(queued, startMs, resetValueOf)
    }
    for (const [entry, resetValue] of resetOf) {
      if (!same(entry.nextStartMs, oldStartMs)) continue
      entry.nextStartMs = startMs
      entry.nextResetValue = resetValue
    }
    if (same(output.startMs, oldStartMs)) output.startMs = startMs
  }
}

/**
 * Moves a distribution into another interval. Returns false, and changes nothing, if its parts would contradict each
 * other there.
 */
function moveInterval(
  pending: PendingHistogram,
  startMs: number,
  resetValueOf: (entry: SeriesEntry) => number,
): boolean {
  const { members, values, point } = pending
  const resetValues = members.map(({ part }) => resetValueOf(part.entry))
  if (point !== undefined) {
    const exemplars = typeof point.value === 'number' ? [] : point.value.exemplars
    const distribution = distributionOf(increases(members, values, resetValueOf), exemplars)
    if (distribution === undefined) return false
    pending.point = { startMs, endMs: point.endMs, value: distribution }
  }
  pending.startMs = startMs
  pending.resetValues = resetValues
  return true
}

/** How much each part of a histogram increased; parts without a value are omitted. */
function increases(
  members: readonly Member<EntryPart>[],
  values: readonly number[],
  resetValueOf: (entry: SeriesEntry) => number,
): (HistogramPart & { readonly increase: number })[] {
  return members.flatMap(({ part: { role, bound, entry } }, index) => {
    const value = values[index] ?? Number.NaN
    return Number.isNaN(value) ? [] : [{ role, bound, increase: value - resetValueOf(entry) }]
  })
}

/** The result of `resetValueOf` for each series of a pending histogram. */
function eachOf(
  { members, values }: PendingHistogram,
  resetValueOf: (entry: SeriesEntry, index: number) => number,
): ReadonlyMap<SeriesEntry, number> {
  const all = new Map<SeriesEntry, number>()
  for (const [index, { part }] of members.entries())
    if (!Number.isNaN(values[index])) all.set(part.entry, resetValueOf(part.entry, index))
  return all
}
