import { refuseInterval, stepCumulative } from '../convert/cumulative.ts'
import type { Lane, PointOutcome } from '../write/lane.ts'
import type { IngestContext } from './ingest-context.ts'
import { joinPending, PendingScalar, type ScalarSettler } from './pending.ts'
import type { SeriesEntry } from './series-entry.ts'
import { hasRefusedStart, queuedInterval, restarted, same } from './series-interval.ts'
import type { Ticket } from './ticket.ts'

/** The least number that INT64 does not hold. */
const INT64_END = 2 ** 63

/** Takes the samples of gauges and counters: each becomes a point, or a mark in its place. */
export class ScalarSamples implements ScalarSettler {
  readonly #context: IngestContext

  constructor(context: IngestContext) {
    this.#context = context
  }

  /** Takes one sample. The ticket waits until it is settled; not for one that was settled before. */
  take(entry: SeriesEntry, timestampMs: number, value: number, stale: boolean, ticket: Ticket): void {
    const { lane } = entry
    if (lane === undefined || timestampMs <= entry.lastMs) return
    if (timestampMs <= entry.nextLastMs) {
      joinPending(lane, entry, timestampMs, ticket)
      return
    }
    if (Number.isNaN(value)) {
      if (!stale) this.#context.drops.drop(entry, 'nan')
      this.#queueMark(entry, lane, timestampMs, ticket)
      return
    }
    if (!isWritable(entry, lane, value)) {
      this.#context.drops.drop(entry, 'infinite')
      this.#queueMark(entry, lane, timestampMs, ticket)
      return
    }
    const minPeriodMs = this.#context.rules.minSamplingPeriodMs
    if (entry.role === 'gauge') {
      const drop = refuseInterval(Number.NaN, timestampMs, queuedInterval(lane), minPeriodMs)
      entry.nextLastValue = value
      if (drop !== undefined) {
        this.#context.drops.drop(entry, drop)
        this.#queueMark(entry, lane, timestampMs, ticket)
        return
      }
      const rounded = lane.integer ? Math.sign(value) * Math.round(Math.abs(value)) : value
      this.queue(entry, lane, undefined, timestampMs, rounded, { startMs: Number.NaN, resetValue: 0 }, ticket, value)
      return
    }
    const cursor = {
      startMs: entry.nextStartMs,
      resetValue: entry.nextResetValue,
      lastMs: entry.nextLastMs,
      lastValue: entry.nextLastValue,
    }
    const sample = { timestampMs, value, createdMs: entry.createdMs, restarted: restarted(entry, timestampMs) }
    const step = stepCumulative(cursor, queuedInterval(lane), sample, minPeriodMs)
    entry.nextStartMs = step.startMs
    entry.nextResetValue = step.resetValue
    entry.nextLastValue = value
    if (step.drop !== undefined) {
      this.#context.drops.drop(entry, step.drop)
      this.#queueMark(entry, lane, timestampMs, ticket)
      return
    }
    const since = value - step.resetValue
    this.queue(entry, lane, step.startMs, timestampMs, lane.integer ? Math.trunc(since) : since, step, ticket, value)
  }

  /** Queues a point, from which on the series' state is as `interval` says. */
  queue(
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
    this.#context.writer.enqueue(lane, pending)
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
    this.#context.writer.enqueue(lane, pending)
  }

  scalarSettled(pending: PendingScalar, outcome: PointOutcome): 'settled' | 'again' {
    const { entry } = pending
    if (hasRefusedStart(pending, outcome) && this.#move(pending)) return 'again'
    this.#context.drops.count(entry, outcome)
    if (pending.lastMs < entry.lastMs) return 'settled'
    const begun = !same(pending.startMs, entry.startMs) || pending.resetValue !== entry.resetValue
    entry.startMs = pending.startMs
    entry.resetValue = pending.resetValue
    entry.lastMs = pending.lastMs
    entry.lastValue = pending.lastValue
    if (outcome.kind === 'stored' || outcome.kind === 'already_stored') entry.endMs = pending.lastMs
    if (entry.id < 0) return 'settled'
    if (begun) this.#context.journal.baseline(entry.id, entry.startMs, entry.resetValue)
    this.#context.journal.settle(entry.id, entry.lastMs, entry.lastValue, entry.endMs)
    return 'settled'
  }

  /** Puts a counter's point, and those queued behind it in the same interval, into a new one that begins after the last settled sample. */
  #move(pending: PendingScalar): boolean {
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
    this.#context.writer.putBack(lane, pending)
    return true
  }
}

/** Whether a number can be told as it is: a gauge may be infinite; what is counted may not, nor be larger than INT64 where that is its type. */
function isWritable(entry: SeriesEntry, lane: Lane, value: number): boolean {
  if (lane.integer) return Math.abs(value) < INT64_END && Math.abs(value - entry.nextResetValue) < INT64_END
  return entry.role === 'gauge' || Number.isFinite(value)
}
