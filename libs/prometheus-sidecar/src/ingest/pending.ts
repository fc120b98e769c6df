import type { DropReason } from '../convert/drop-reason.ts'
import type { Distribution, Point } from '../time-series.ts'
import type { PointOutcome, QueuedPoint } from '../write/lane.ts'
import type { SeriesEntry } from './series-entry.ts'
import type { Ticket } from './ticket.ts'

/** Whoever applies what became of a point. */
export interface Settler {
  scalarSettled(pending: PendingScalar, outcome: PointOutcome): void
  histogramSettled(pending: PendingHistogram, outcome: PointOutcome): void
}

abstract class Pending implements QueuedPoint {
  readonly point: Point | undefined
  readonly settler: Settler
  attempted = false
  settled = false
  next: QueuedPoint | undefined = undefined
  #tickets: Ticket[] | undefined
  #ticket: Ticket | undefined

  constructor(settler: Settler, point: Point | undefined) {
    this.settler = settler
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

  abstract settle(outcome: PointOutcome): void

  protected release(): void {
    this.#ticket?.release()
    if (this.#tickets !== undefined) for (const ticket of this.#tickets) ticket.release()
  }
}

/** A sample of a gauge or counter on its way, and the state of its series once it is settled. */
export class PendingScalar extends Pending {
  readonly entry: SeriesEntry
  readonly startMs: number
  readonly resetValue: number
  readonly lastMs: number
  readonly lastValue: number

  constructor(
    settler: Settler,
    entry: SeriesEntry,
    point: Point | undefined,
    after: {
      readonly startMs: number
      readonly resetValue: number
      readonly lastMs: number
      readonly lastValue: number
    },
  ) {
    super(settler, point)
    this.entry = entry
    this.startMs = after.startMs
    this.resetValue = after.resetValue
    this.lastMs = after.lastMs
    this.lastValue = after.lastValue
  }

  override settle(outcome: PointOutcome): void {
    this.settler.scalarSettled(this, outcome)
    this.release()
  }
}

/** A histogram's distribution on its way, with the parts it was made of. */
export class PendingHistogram extends Pending {
  readonly entries: readonly SeriesEntry[]
  readonly values: readonly number[]
  readonly lastMs: number
  readonly startMs: number
  readonly baseline: 'value' | 'zero' | 'kept'

  constructor(
    settler: Settler,
    parts: { readonly entries: readonly SeriesEntry[]; readonly values: readonly number[] },
    step: {
      readonly timestampMs: number
      readonly startMs: number
      readonly baseline: 'value' | 'zero' | 'kept'
      readonly result: Distribution | DropReason
    },
  ) {
    const { timestampMs: endMs, startMs, result } = step
    super(settler, typeof result === 'string' ? undefined : { startMs, endMs, value: result })
    this.entries = parts.entries
    this.values = parts.values
    this.lastMs = endMs
    this.startMs = startMs
    this.baseline = step.baseline
  }

  override settle(outcome: PointOutcome): void {
    this.settler.histogramSettled(this, outcome)
    this.release()
  }
}
