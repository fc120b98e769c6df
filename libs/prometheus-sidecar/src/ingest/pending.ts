import { buildDistribution, type CumulativeBucket } from '../convert/distribution.ts'
import type { DropReason } from '../convert/drop-reason.ts'
import type { Distribution, DistributionExemplar, Point } from '../time-series.ts'
import type { Lane, PointOutcome, QueuedPoint } from '../write/lane.ts'
import type { SeriesEntry } from './series-entry.ts'
import type { Ticket } from './ticket.ts'

/** Whoever applies what became of a gauge's or counter's point. */
export interface ScalarSettler {
  /** Says `again` if the point was put back to its lane in another form: then it is not settled yet. */
  scalarSettled(pending: PendingScalar, outcome: PointOutcome): 'settled' | 'again'
}

/** The same for a histogram's. */
export interface HistogramSettler {
  histogramSettled(pending: PendingHistogram, outcome: PointOutcome): 'settled' | 'again'
}

/** A sample on its way. */
export abstract class Pending implements QueuedPoint {
  point: Point | undefined
  attempted = false
  settled = false
  /** It was put into another interval already, since the API refused the first. */
  moved = false
  next: QueuedPoint | undefined = undefined
  #tickets: Ticket[] | undefined
  #ticket: Ticket | undefined

  constructor(point: Point | undefined) {
    this.point = point
  }

  /** Makes a request wait for it. */
  attach(ticket: Ticket): void {
    ticket.hold()
    if (this.#ticket === undefined) this.#ticket = ticket
    else {
      this.#tickets ??= []
      this.#tickets.push(ticket)
    }
  }

  abstract readonly startMs: number
  abstract settle(outcome: PointOutcome): void

  protected release(): void {
    this.#ticket?.release()
    if (this.#tickets !== undefined) for (const ticket of this.#tickets) ticket.release()
  }
}

/** A sample of a gauge or counter on its way, and the state of its series once it is settled. */
export class PendingScalar extends Pending {
  readonly settler: ScalarSettler
  readonly entry: SeriesEntry
  startMs: number
  resetValue: number
  readonly lastMs: number
  readonly lastValue: number

  constructor(
    settler: ScalarSettler,
    entry: SeriesEntry,
    point: Point | undefined,
    after: {
      readonly startMs: number
      readonly resetValue: number
      readonly lastMs: number
      readonly lastValue: number
    },
  ) {
    super(point)
    this.settler = settler
    this.entry = entry
    this.startMs = after.startMs
    this.resetValue = after.resetValue
    this.lastMs = after.lastMs
    this.lastValue = after.lastValue
  }

  /** Puts it into another interval. */
  move(startMs: number, resetValue: number, integer: boolean): void {
    this.startMs = startMs
    this.resetValue = resetValue
    if (this.point === undefined) return
    const since = this.lastValue - resetValue
    this.point = { startMs, endMs: this.point.endMs, value: integer ? Math.trunc(since) : since }
  }

  override settle(outcome: PointOutcome): void {
    if (this.settler.scalarSettled(this, outcome) === 'settled') this.release()
  }
}

/** A histogram's distribution on its way, with the parts it was made of. */
export class PendingHistogram extends Pending {
  readonly settler: HistogramSettler
  readonly entries: readonly SeriesEntry[]
  readonly values: readonly number[]
  readonly lastMs: number
  startMs: number
  /** What is taken off each part's raw value; undefined: what was taken off before. */
  resetValues: readonly number[] | undefined

  constructor(
    settler: HistogramSettler,
    parts: { readonly entries: readonly SeriesEntry[]; readonly values: readonly number[] },
    step: {
      readonly timestampMs: number
      readonly startMs: number
      readonly baseline: 'value' | 'zero' | 'kept'
      readonly result: Distribution | DropReason
    },
  ) {
    const { timestampMs: endMs, startMs, result } = step
    super(typeof result === 'string' ? undefined : { startMs, endMs, value: result })
    this.settler = settler
    this.entries = parts.entries
    this.values = parts.values
    this.lastMs = endMs
    this.startMs = startMs
    this.resetValues =
      step.baseline === 'kept' ? undefined : step.baseline === 'zero' ? parts.values.map(() => 0) : parts.values
  }

  /** Puts it into another interval; says false, and changes nothing, if its parts then contradict each other. */
  move(startMs: number, resetValueOf: (entry: SeriesEntry) => number): boolean {
    const resetValues = this.entries.map(resetValueOf)
    if (this.point !== undefined) {
      const { endMs, value } = this.point
      const distribution = this.#distributionSince(resetValues, typeof value === 'number' ? [] : value.exemplars)
      if (distribution === undefined) return false
      this.point = { startMs, endMs, value: distribution }
    }
    this.startMs = startMs
    this.resetValues = resetValues
    return true
  }

  #distributionSince(
    resetValues: readonly number[],
    exemplars: readonly DistributionExemplar[],
  ): Distribution | undefined {
    const buckets: CumulativeBucket[] = []
    let count = Number.NaN
    let sum = Number.NaN
    for (const [index, { member }] of this.entries.entries()) {
      const since = (this.values[index] ?? Number.NaN) - (resetValues[index] ?? 0)
      if (member?.part.role === 'bucket') buckets.push({ bound: member.part.bound, cumulativeCount: since })
      else if (member?.part.role === 'count') count = since
      else if (member?.part.role === 'sum') sum = since
    }
    return buildDistribution(buckets, count, sum, exemplars)
  }

  override settle(outcome: PointOutcome): void {
    if (this.settler.histogramSettled(this, outcome) === 'settled') this.release()
  }
}

/** The sample came before and its point is on its way: waits for that. */
export function joinPending(lane: Lane, entry: SeriesEntry, timestampMs: number, ticket: Ticket): void {
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
