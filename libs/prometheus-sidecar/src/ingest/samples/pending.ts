import type { Point } from '../../model/time-series.ts'
import type { PointOutcome, QueuedPoint } from '../../write/series-queue.ts'
import type { OutputSeries } from '../series/output-series.ts'
import type { SeriesEntry } from '../series/series-entry.ts'
import type { Ticket } from '../ticket.ts'

/** Applies the outcome of a pending sample to the state of its series. */
export interface Settler<PendingSample extends Pending> {
  /** `again`: the point was put back into its queue in another form, and is not settled yet. */
  settled(pending: PendingSample, outcome: PointOutcome): 'settled' | 'again'
}

/**
 * A sample between its request and its settlement: a point to be written, or only a mark that keeps its place in the
 * queue.
 */
export abstract class Pending implements QueuedPoint {
  point: Point | undefined
  attempted = false
  settled = false
  sequence = 0
  /** Whether it was already moved into another interval, since the API refused the first. */
  moved = false
  next: QueuedPoint | undefined = undefined
  startMs: number
  /** Time of the sample. */
  lastMs: number
  #tickets: Ticket[] | undefined
  #ticket: Ticket | undefined

  constructor(point: Point | undefined, startMs: number, lastMs: number) {
    this.point = point
    this.startMs = startMs
    this.lastMs = lastMs
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
  abstract isOf(entry: SeriesEntry): boolean

  protected release(): void {
    this.#ticket?.release()
    this.#ticket = undefined
    if (this.#tickets === undefined) return
    for (const ticket of this.#tickets) ticket.release()
    this.#tickets = undefined
  }
}

/** What a pending sample of a gauge or counter stands for. */
export interface ScalarSample {
  readonly entry: SeriesEntry
  /** Whether there is a point of it. */
  readonly written: boolean
  /** The value of that point. */
  readonly value: number
  /** The state of the series once it is settled. */
  readonly startMs: number
  readonly resetValue: number
  readonly lastMs: number
  readonly lastValue: number
}

/**
 * A pending sample of a gauge or counter, with the state of its series once it is settled. It is its own point. Objects
 * are used again: there are as many of them as samples, and as they wait for the API, each would be moved twice by the
 * garbage collector.
 */
export class PendingScalar extends Pending implements Point {
  readonly #settler: Settler<PendingScalar>
  readonly #recycle: (pending: PendingScalar) => void
  entry: SeriesEntry
  value: number
  resetValue: number
  lastValue: number

  constructor(
    settler: Settler<PendingScalar>,
    recycle: (pending: PendingScalar) => void,
    { entry, written, value, startMs, resetValue, lastMs, lastValue }: ScalarSample,
  ) {
    super(undefined, startMs, lastMs)
    this.#settler = settler
    this.#recycle = recycle
    this.entry = entry
    this.value = value
    this.resetValue = resetValue
    this.lastValue = lastValue
    if (written) this.point = this
  }

  get endMs(): number {
    return this.lastMs
  }

  /** Makes it another sample. */
  reuse({ entry, written, value, startMs, resetValue, lastMs, lastValue }: ScalarSample): void {
    this.point = written ? this : undefined
    this.attempted = false
    this.settled = false
    this.moved = false
    this.entry = entry
    this.value = value
    this.startMs = startMs
    this.resetValue = resetValue
    this.lastMs = lastMs
    this.lastValue = lastValue
  }

  override isOf(entry: SeriesEntry): boolean {
    return this.entry === entry
  }

  override settle(outcome: PointOutcome): void {
    if (this.#settler.settled(this, outcome) !== 'settled') return
    this.release()
    this.#recycle(this)
  }
}

/** The parts of a histogram at one time, pending as one distribution. */
export class PendingHistogram extends Pending {
  readonly settler: Settler<PendingHistogram>
  readonly entries: readonly SeriesEntry[]
  /** The raw value of each entry. */
  readonly values: readonly number[]
  /** What is subtracted from each raw value from now on; undefined: what was subtracted before. */
  resetValues: readonly number[] | undefined

  constructor(
    settler: Settler<PendingHistogram>,
    parts: { readonly entries: readonly SeriesEntry[]; readonly values: readonly number[] },
    point: Point | undefined,
    after: { readonly startMs: number; readonly resetValues: readonly number[] | undefined; readonly lastMs: number },
  ) {
    super(point, after.startMs, after.lastMs)
    this.settler = settler
    this.entries = parts.entries
    this.values = parts.values
    this.resetValues = after.resetValues
  }

  override isOf(entry: SeriesEntry): boolean {
    return this.entries.includes(entry)
  }

  override settle(outcome: PointOutcome): void {
    if (this.settler.settled(this, outcome) === 'settled') this.release()
  }
}

/** Makes a request that brings a pending sample again wait for it. */
export function awaitPending(output: OutputSeries, entry: SeriesEntry, timestampMs: number, ticket: Ticket): void {
  for (let queued = output.head; queued !== undefined; queued = queued.next) {
    if (queued instanceof Pending && queued.lastMs >= timestampMs && queued.isOf(entry)) {
      queued.attach(ticket)
      return
    }
  }
}
