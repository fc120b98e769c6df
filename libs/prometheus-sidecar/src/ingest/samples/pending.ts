import type { Point } from '../../model/time-series.ts'
import type { PointOutcome, QueuedPoint } from '../../write/series-queue.ts'
import type { Member } from '../histograms/histogram-assembly.ts'
import type { OutputSeries } from '../series/output-series.ts'
import type { EntryPart, SeriesEntry } from '../series/series-entry.ts'
import type { Ticket } from '../ticket.ts'

/** Applies the outcome of a pending sample to the state of its series. */
export interface Settler<PendingSample extends Pending> {
  /** `again`: the point was put back into its queue in another form, and is not settled yet. */
  settled(pending: PendingSample, outcome: PointOutcome): 'settled' | 'again'
}

/**
 * A sample between its request and its settlement: a point to be written, or only a mark that holds its place in the
 * queue.
 */
export abstract class Pending implements QueuedPoint {
  point: Point | undefined
  attempted = false
  settled = false
  sequence = 0
  /** Whether it was already moved to another interval because the API refused the first one. */
  moved = false
  next: QueuedPoint | undefined = undefined
  // Numbers from the start: V8 allocates a new object on each write to a field that was ever undefined.
  startMs = Number.NaN
  /** Time of the sample. */
  lastMs = Number.NaN
  #tickets: Ticket[] | undefined
  #ticket: Ticket | undefined

  constructor(point: Point | undefined, startMs: number, lastMs: number) {
    this.point = point
    this.startMs = startMs
    this.lastMs = lastMs
  }

  /** Makes a request wait for this sample. */
  attach(ticket: Ticket): void {
    ticket.hold()
    if (this.#ticket === undefined) this.#ticket = ticket
    else {
      this.#tickets ??= []
      this.#tickets.push(ticket)
    }
  }

  abstract settle(outcome: PointOutcome): void
  abstract contains(entry: SeriesEntry): boolean

  protected release(): void {
    this.#ticket?.release()
    this.#ticket = undefined
    if (this.#tickets === undefined) return
    for (const ticket of this.#tickets) ticket.release()
    this.#tickets = undefined
  }
}

/**
 * A pending sample of a gauge or counter, with the state of its series once it is settled. It is its own point. The
 * objects are pooled: there is one per sample, and while they wait for the API, the garbage collector would move each
 * of them twice.
 */
export class PendingScalar extends Pending implements Point {
  readonly #settler: Settler<PendingScalar>
  readonly #recycle: (pending: PendingScalar) => void
  entry: SeriesEntry
  /** The value of the point, if there is one. */
  value = Number.NaN
  resetValue = Number.NaN
  lastValue = Number.NaN

  constructor(settler: Settler<PendingScalar>, recycle: (pending: PendingScalar) => void, entry: SeriesEntry) {
    super(undefined, Number.NaN, Number.NaN)
    this.#settler = settler
    this.#recycle = recycle
    this.entry = entry
  }

  get endMs(): number {
    return this.lastMs
  }

  /** Takes on the newest sample of a series. `value` is that of its point; undefined if it yields none. */
  become(entry: SeriesEntry, value: number | undefined): void {
    this.point = value === undefined ? undefined : this
    this.attempted = false
    this.settled = false
    this.moved = false
    this.entry = entry
    this.value = value ?? Number.NaN
    this.startMs = entry.nextStartMs
    this.resetValue = entry.nextResetValue
    this.lastMs = entry.nextLastMs
    this.lastValue = entry.nextLastValue
  }

  override contains(entry: SeriesEntry): boolean {
    return this.entry === entry
  }

  override settle(outcome: PointOutcome): void {
    if (this.#settler.settled(this, outcome) !== 'settled') return
    this.release()
    this.#recycle(this)
  }
}

/** The parts of a histogram at one timestamp, pending as one distribution. */
export class PendingHistogram extends Pending {
  readonly settler: Settler<PendingHistogram>
  readonly members: readonly Member<EntryPart>[]
  /** The raw value of each member; NaN for one that is not part of it. */
  readonly values: readonly number[]
  /** What is subtracted from each raw value from now on; undefined: the same as before. */
  resetValues: readonly number[] | undefined

  constructor(
    settler: Settler<PendingHistogram>,
    parts: { readonly members: readonly Member<EntryPart>[]; readonly values: readonly number[] },
    point: Point | undefined,
    after: { readonly startMs: number; readonly resetValues: readonly number[] | undefined; readonly lastMs: number },
  ) {
    super(point, after.startMs, after.lastMs)
    this.settler = settler
    this.members = parts.members
    this.values = parts.values
    this.resetValues = after.resetValues
  }

  override contains(entry: SeriesEntry): boolean {
    return this.members.some(({ part }, index) => part.entry === entry && !Number.isNaN(this.values[index]))
  }

  override settle(outcome: PointOutcome): void {
    if (this.settler.settled(this, outcome) === 'settled') this.release()
  }
}

/** Makes a request that contains a pending sample again wait for it. */
export function awaitPending(output: OutputSeries, entry: SeriesEntry, timestampMs: number, ticket: Ticket): void {
  for (let queued = output.head; queued !== undefined; queued = queued.next) {
    if (queued instanceof Pending && queued.lastMs >= timestampMs && queued.contains(entry)) {
      queued.attach(ticket)
      return
    }
  }
}
