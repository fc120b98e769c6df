import { refuseInterval, stepCumulative } from '../../convert/cumulative.ts'
import { FORMATS } from '../../convert/formats/formats.ts'
import { isStored, type PointOutcome } from '../../write/series-queue.ts'
import type { IngestContext } from '../ingest-context.ts'
import type { OutputSeries } from '../series/output-series.ts'
import type { SeriesEntry } from '../series/series-entry.ts'
import type { Ticket } from '../ticket.ts'
import { awaitPending, PendingScalar, type Settler } from './pending.ts'
import { applyStarts } from './reported-starts.ts'
import { hasRefusedStart, isFirstSample, isUnwritten, queuedCursor, same } from './series-interval.ts'

/** The smallest number that an INT64 can't represent. */
const INT64_END = 2 ** 63
/** As many as there are samples in a few requests of Prometheus. */
const MAX_UNUSED = 16_384

/** Converts samples of gauges and counters into points, or into marks where a sample yields no point. */
export class ScalarSamples implements Settler<PendingScalar> {
  readonly #context: IngestContext
  readonly #acceptsNan: boolean
  /** Settled samples, to be reused. */
  readonly #unused: PendingScalar[] = []
  readonly #recycle = (pending: PendingScalar): void => {
    if (this.#unused.length < MAX_UNUSED) this.#unused.push(pending)
  }

  constructor(context: IngestContext) {
    this.#context = context
    this.#acceptsNan = FORMATS[context.rules.format].acceptsNan
  }

  /** Accepts one sample; the ticket waits until it is settled. */
  accept(entry: SeriesEntry, timestampMs: number, value: number, stale: boolean, ticket: Ticket): void {
    const { output } = entry
    if (output === undefined || timestampMs <= entry.lastMs) return
    if (timestampMs <= entry.nextLastMs) {
      awaitPending(output, entry, timestampMs, ticket)
      return
    }
    if (stale) this.#writeThinned(entry, output, ticket)
    if (Number.isNaN(value) && (stale || !this.#acceptsNan || entry.role !== 'gauge')) {
      if (!stale) this.#context.drops.drop(entry, 'nan')
      this.#queueMark(entry, output, timestampMs, ticket)
      return
    }
    if (!isWritable(entry, output, value)) {
      this.#context.drops.drop(entry, 'infinite')
      this.#queueMark(entry, output, timestampMs, ticket)
      return
    }
    const minPeriodMs = this.#context.rules.minSamplingPeriodMs
    if (entry.role === 'gauge') {
      const drop = refuseInterval(Number.NaN, timestampMs, output, minPeriodMs)
      entry.nextLastValue = value
      if (drop !== undefined) {
        this.#context.drops.drop(entry, drop)
        this.#queueMark(entry, output, timestampMs, ticket)
        return
      }
      const rounded = output.integer ? Math.sign(value) * Math.round(Math.abs(value)) : value
      entry.nextStartMs = Number.NaN
      entry.nextResetValue = 0
      this.queuePoint(entry, output, timestampMs, rounded, ticket)
      return
    }
    const restarted = applyStarts(entry, timestampMs)
    const sample = { timestampMs, value, createdMs: entry.believedMs, restarted }
    const step = stepCumulative(queuedCursor(entry), output, sample, minPeriodMs)
    if (!same(step.startMs, entry.nextStartMs)) this.#writeThinned(entry, output, ticket)
    entry.nextStartMs = step.startMs
    entry.nextResetValue = step.resetValue
    entry.nextLastValue = value
    if (step.drop !== undefined) {
      this.#context.drops.drop(entry, step.drop)
      this.#queueMark(entry, output, timestampMs, ticket)
      return
    }
    this.queuePoint(entry, output, timestampMs, increaseOf(output, value, step.resetValue), ticket)
  }

  /** Writes the last sample of a thinned counter that ends or restarts, if it has not been written yet. */
  #writeThinned(entry: SeriesEntry, output: OutputSeries, ticket: Ticket): void {
    const { nextStartMs: startMs, nextResetValue: resetValue, nextLastMs, nextLastValue } = entry
    if (entry.role !== 'cumulative' || !isUnwritten(output, startMs, nextLastMs, this.#context)) return
    this.queuePoint(entry, output, nextLastMs, increaseOf(output, nextLastValue, resetValue), ticket)
  }

  /** Queues a point of a series whose state already includes it, except for its time. */
  queuePoint(
    entry: SeriesEntry,
    output: OutputSeries,
    timestampMs: number,
    value: number,
    ticket: Ticket | undefined,
  ): void {
    entry.nextLastMs = timestampMs
    output.startMs = entry.nextStartMs
    output.endMs = timestampMs
    this.#enqueue(entry, output, value, ticket)
  }

  /** Queues a sample that yields no point, so that it is settled after those before it. */
  #queueMark(entry: SeriesEntry, output: OutputSeries, timestampMs: number, ticket: Ticket): void {
    entry.nextLastMs = timestampMs
    this.#enqueue(entry, output, undefined, ticket)
  }

  #enqueue(entry: SeriesEntry, output: OutputSeries, value: number | undefined, ticket: Ticket | undefined): void {
    const pending = this.#unused.pop() ?? new PendingScalar(this, this.#recycle, entry)
    pending.become(entry, value)
    if (ticket !== undefined) pending.attach(ticket)
    this.#context.writer.enqueue(output, pending)
  }

  settled(pending: PendingScalar, outcome: PointOutcome): 'settled' | 'again' {
    const { entry } = pending
    if (!hasRefusedStart(pending, outcome)) this.#context.drops.count(entry, outcome, pending.point)
    else if (isFirstSample(entry, pending)) this.#makeBaseline(pending)
    else if (this.#move(pending)) return 'again'
    else this.#context.drops.count(entry, outcome, pending.point)
    entry.trail?.settled(pending.lastMs, isStored(outcome) ? pending.point : undefined)
    if (pending.lastMs < entry.lastMs) return 'settled'
    const isNewInterval = !same(pending.startMs, entry.startMs) || pending.resetValue !== entry.resetValue
    entry.startMs = pending.startMs
    entry.resetValue = pending.resetValue
    entry.lastMs = pending.lastMs
    entry.lastValue = pending.lastValue
    if (pending.point !== undefined && isStored(outcome)) {
      entry.endMs = pending.lastMs
      entry.endValue = pending.lastValue
    }
    if (entry.id < 0) return 'settled'
    if (isNewInterval) this.#context.journal.baseline(entry.id, entry.startMs, entry.resetValue)
    this.#context.journal.settle(entry.id, entry.lastMs, entry.lastValue, entry.endMs)
    return 'settled'
  }

  /**
   * Moves a counter's point, and those queued behind it in the same interval, into a new interval after the last
   * settled sample.
   */
  #move(pending: PendingScalar): boolean {
    const { entry, startMs: oldStartMs } = pending
    const { output } = entry
    if (output === undefined) return false
    const startsInterval = !same(oldStartMs, entry.startMs)
    const startMs = startsInterval ? pending.lastMs - 1 : entry.lastMs + 1
    const resetValue = startsInterval ? pending.resetValue : entry.lastValue
    if (!(startMs < pending.lastMs) || startMs === oldStartMs) return false
    pending.moved = true
    this.#moveAll(output, pending, startMs, resetValue)
    this.#context.writer.putBack(output, pending)
    return true
  }

  /** Turns the first point of a counter into a baseline, from which those queued behind it are counted. */
  #makeBaseline(pending: PendingScalar): void {
    const { entry, lastMs, lastValue } = pending
    pending.point = undefined
    if (entry.output !== undefined) this.#moveAll(entry.output, pending, lastMs, lastValue)
    // Its baseline was already counted if its start was reported afterwards.
    if (lastMs !== entry.lastMs) this.#context.drops.drop(entry, 'first_sample')
  }

  /** Moves a sample and those queued behind it in the same interval into another interval. */
  #moveAll(output: OutputSeries, pending: PendingScalar, startMs: number, resetValue: number): void {
    const { entry, startMs: oldStartMs } = pending
    moveInterval(output, pending, startMs, resetValue)
    for (let queued = output.head; queued !== undefined; queued = queued.next) {
      if (queued instanceof PendingScalar && queued.entry === entry && same(queued.startMs, oldStartMs)) {
        moveInterval(output, queued, startMs, resetValue)
      }
    }
    if (same(entry.nextStartMs, oldStartMs)) {
      entry.nextStartMs = startMs
      entry.nextResetValue = resetValue
    }
    if (same(output.startMs, oldStartMs)) output.startMs = startMs
  }
}

/**
 * Whether Cloud Monitoring can represent a value: a gauge may be infinite, a counter may not, and an INT64 must fit.
 */
function isWritable(entry: SeriesEntry, output: OutputSeries, value: number): boolean {
  if (output.integer) return Math.abs(value) < INT64_END && Math.abs(value - entry.nextResetValue) < INT64_END
  return entry.role === 'gauge' || Number.isFinite(value)
}

function moveInterval(output: OutputSeries, pending: PendingScalar, startMs: number, resetValue: number): void {
  pending.startMs = startMs
  pending.resetValue = resetValue
  pending.value = increaseOf(output, pending.lastValue, resetValue)
}

function increaseOf({ integer }: OutputSeries, value: number, resetValue: number): number {
  const increase = value - resetValue
  return integer ? Math.trunc(increase) : increase
}
