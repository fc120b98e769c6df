import { convertHistogram, distributionOf, type HistogramSample, type HistogramStep } from '../../convert/histogram.ts'
import type { WaitingPart } from '../../model/conversion-state.ts'
import type { SeriesSpan } from '../../model/sample.ts'
import { isStored, type PointOutcome } from '../../write/series-queue.ts'
import type { AssembledHistogram, HistogramAssembly } from '../histograms/histogram-assembly.ts'
import type { IngestContext } from '../ingest-context.ts'
import type { OutputSeries } from '../series/output-series.ts'
import type { EntryPart, HistogramUnit, SeriesEntry } from '../series/series-entry.ts'
import type { Ticket } from '../ticket.ts'
import { keepExemplars } from './kept-exemplars.ts'
import { awaitPending, PendingHistogram, type Settler } from './pending.ts'
import { hasRefusedStart, isFirstSample, isUnwritten, queuedInterval, same } from './series-interval.ts'
import { applyStarts } from './told-starts.ts'

/** A sample of a histogram's part that may have to wait for the other parts. */
interface AcceptedPart {
  readonly entry: SeriesEntry
  readonly timestampMs: number
  readonly value: number
}

/** What happens to histograms within one batch. */
export interface HistogramBatch {
  readonly ticket: Ticket
  /** Histograms that received parts. */
  readonly touched: Set<HistogramUnit>
  readonly parts: AcceptedPart[]
  /** Series for whose samples there was no room: later ones must not overtake those that will be sent again. */
  readonly rejected: Set<SeriesEntry>
  readonly nowMs: number
}

/** Turns samples of histograms' parts into distributions; those of incomplete histograms wait in the journal. */
export class HistogramSamples implements Settler<PendingHistogram> {
  readonly #context: IngestContext
  readonly #assembly: HistogramAssembly<EntryPart>

  constructor(context: IngestContext, assembly: HistogramAssembly<EntryPart>) {
    this.#context = context
    this.#assembly = assembly
  }

  /** Returns false if there was no room. */
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
        if (!Number.isNaN(value)) batch.parts.push({ entry, timestampMs, value })
        else if (!stale) this.#context.drops.drop(entry, 'nan')
        else if (unit.count === entry) this.#writeThinned(unit, batch.ticket)
        batch.touched.add(unit)
        return true
    }
  }

  /**
   * Writes the histograms that a batch completes, and journals its other parts. `wholeScrapes`: no more parts will come
   * for these times.
   */
  completeAll({ touched, parts, ticket, nowMs }: HistogramBatch, wholeScrapes: boolean): void {
    for (const unit of touched) {
      if (wholeScrapes) this.#assembly.endLearning(unit.histogram)
      for (const assembled of this.#assembly.complete(unit.histogram, nowMs)) this.#emit(assembled, ticket)
    }
    for (const { entry, timestampMs, value } of parts) {
      if (entry.nextLastMs >= timestampMs) continue
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

  /** Keeps the parts that waited behind samples that are settled now. */
  #keepThoseBehind(entry: SeriesEntry): void {
    if (entry.behind.length === 0 || entry.nextLastMs > entry.lastMs) return
    const behind = entry.behind.filter(({ timestampMs }) => timestampMs > entry.lastMs)
    entry.behind = []
    for (const part of behind) this.#keep(entry, part)
  }

  /** Writes histograms that need to wait no longer. */
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

  #emit(assembled: AssembledHistogram<EntryPart>, ticket: Ticket | undefined): void {
    const { timestampMs, values, lacking } = assembled
    const samples: HistogramSample[] = []
    const entries: SeriesEntry[] = []
    const raw: number[] = []
    let unit: HistogramUnit | undefined
    for (const [{ part }, value] of values) {
      const { entry } = part
      unit ??= entry.unit
      entries.push(entry)
      raw.push(value)
      samples.push({
        role: part.role,
        bound: part.bound,
        value,
        startMs: entry.nextStartMs,
        resetValue: entry.nextResetValue,
        lastMs: entry.nextLastMs,
        lastValue: entry.nextLastValue,
      })
    }
    const [first] = entries
    if (unit === undefined || first === undefined) return
    const { output, count } = unit
    const restarted = !lacking && count !== undefined && applyStarts(count, timestampMs)
    const step: HistogramStep = lacking
      ? { startMs: count?.nextStartMs ?? Number.NaN, baseline: 'kept', result: 'histogram_incomplete' }
      : convertHistogram(
          samples,
          queuedInterval(output),
          { timestampMs, createdMs: count?.believedMs ?? Number.NaN, restarted },
          unit.exemplars,
          this.#context.rules.minSamplingPeriodMs,
        )
    const { startMs, baseline, result } = step
    if (baseline !== 'kept' && !lacking) this.#writeThinned(unit, ticket)
    const resetValues = baseline === 'kept' ? undefined : baseline === 'zero' ? raw.map(() => 0) : raw
    for (const [index, entry] of entries.entries()) {
      entry.nextLastMs = timestampMs
      entry.nextLastValue = raw[index] ?? Number.NaN
      if (resetValues === undefined) continue
      entry.nextStartMs = startMs
      entry.nextResetValue = resetValues[index] ?? 0
    }
    const point = typeof result === 'string' ? undefined : { startMs, endMs: timestampMs, value: result }
    const after = { startMs, resetValues, lastMs: timestampMs }
    const pending = new PendingHistogram(this, { entries, values: raw }, point, after)
    if (ticket !== undefined) pending.attach(ticket)
    if (typeof result === 'string') this.#context.drops.drop(count ?? first, result)
    else {
      unit.exemplars = []
      output.newestStartMs = startMs
      output.newestEndMs = timestampMs
    }
    this.#context.writer.enqueue(output, pending)
  }

  /** Writes the last distribution of a thinned histogram that ends or starts anew, if there is no point of it yet. */
  #writeThinned({ histogram, output, count, exemplars }: HistogramUnit, ticket: Ticket | undefined): void {
    if (count === undefined) return
    const { nextStartMs: startMs, nextLastMs: endMs } = count
    if (!isUnwritten(output, startMs, endMs, this.#context)) return
    const parts = [...histogram.members]
      .map(({ part }) => part)
      .filter(({ entry }) => entry.nextLastMs === endMs && same(entry.nextStartMs, startMs))
    const increases = parts.map(({ role, bound, entry }) => ({
      role,
      bound,
      increase: entry.nextLastValue - entry.nextResetValue,
    }))
    const value = distributionOf(increases, exemplars)
    if (value === undefined) return
    const entries = parts.map(({ entry }) => entry)
    const values = entries.map(({ nextLastValue }) => nextLastValue)
    const after = { startMs, resetValues: undefined, lastMs: endMs }
    const pending = new PendingHistogram(this, { entries, values }, { startMs, endMs, value }, after)
    if (ticket !== undefined) pending.attach(ticket)
    output.newestStartMs = startMs
    output.newestEndMs = endMs
    this.#context.writer.enqueue(output, pending)
  }

  settled(pending: PendingHistogram, outcome: PointOutcome): 'settled' | 'again' {
    const [first] = pending.entries
    const count = first?.unit?.count ?? first
    if (count !== undefined) {
      if (!hasRefusedStart(pending, outcome)) this.#context.drops.count(count, outcome, pending.point)
      else if (isFirstSample(count, pending) && pending.resetValues !== undefined) this.#makeBaseline(pending, count)
      else if (this.#move(pending, count)) return 'again'
      else this.#context.drops.count(count, outcome, pending.point)
      count.trail?.settled(pending.lastMs, isStored(outcome) ? pending.point : undefined)
    }
    for (const [index, entry] of pending.entries.entries()) {
      if (pending.lastMs < entry.lastMs) continue
      const value = pending.values[index] ?? Number.NaN
      entry.lastMs = pending.lastMs
      entry.lastValue = value
      if (pending.point !== undefined && isStored(outcome)) {
        entry.endMs = pending.lastMs
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
      this.#keepThoseBehind(entry)
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
    const resetOf = new Map(
      pending.entries.map((entry, index) => [entry, startsInterval ? (resetValues?.[index] ?? 0) : entry.lastValue]),
    )
    const resetValueOf = (entry: SeriesEntry) => resetOf.get(entry) ?? entry.resetValue
    if (!moveInterval(pending, startMs, resetValueOf)) return false
    pending.moved = true
    this.#moveOthers(output, oldStartMs, startMs, resetOf)
    this.#context.writer.putBack(output, pending)
    return true
  }

  /** Makes the first distribution of a histogram a baseline, from which those queued behind it count. */
  #makeBaseline(pending: PendingHistogram, count: SeriesEntry): void {
    const { startMs: oldStartMs, lastMs, values, entries } = pending
    pending.point = undefined
    pending.startMs = lastMs
    pending.resetValues = values
    const resetOf = new Map(entries.map((entry, index) => [entry, values[index] ?? 0]))
    if (count.output !== undefined) this.#moveOthers(count.output, oldStartMs, lastMs, resetOf)
    this.#context.drops.drop(count, 'first_sample')
  }

  /** Moves the distributions that are queued in one interval into another. */
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
    if (same(output.newestStartMs, oldStartMs)) output.newestStartMs = startMs
  }
}

/**
 * Moves a distribution into another interval. Returns false, and changes nothing, if its parts then contradict each
 * other.
 */
function moveInterval(
  pending: PendingHistogram,
  startMs: number,
  resetValueOf: (entry: SeriesEntry) => number,
): boolean {
  const { entries, values, point } = pending
  const resetValues = entries.map(resetValueOf)
  if (point !== undefined) {
    const parts = entries.flatMap(({ member }, index) => {
      if (member === undefined) return []
      const { role, bound } = member.part
      return [{ role, bound, increase: (values[index] ?? Number.NaN) - (resetValues[index] ?? 0) }]
    })
    const distribution = distributionOf(parts, typeof point.value === 'number' ? [] : point.value.exemplars)
    if (distribution === undefined) return false
    pending.point = { startMs, endMs: point.endMs, value: distribution }
  }
  pending.startMs = startMs
  pending.resetValues = resetValues
  return true
}
