import type { Point } from '../model/time-series.ts'

/** What became of a point. */
export type PointOutcome =
  | { readonly kind: 'stored' }
  /** Refused for its order, after an attempt of which the answer was lost: it is there. */
  | { readonly kind: 'already_stored'; readonly reason: string }
  | { readonly kind: 'refused'; readonly code: number; readonly reason: string }
  /** Made room for newer ones. */
  | { readonly kind: 'displaced' }
  /** Had no point to write: only kept its place behind those before it. */
  | { readonly kind: 'passed' }

/** A point that waits to be written, or a mark without a point that is settled once all before it are. */
export interface QueuedPoint {
  /** May be exchanged while it is not in flight. */
  readonly point: Point | undefined
  /** A request with it had no clear answer: it may be stored. */
  attempted: boolean
  settled: boolean
  /** The one behind it in its queue. */
  next: QueuedPoint | undefined
  /** Called once, in the order of the queue. Must not throw. */
  settle(outcome: PointOutcome): void
}

/** The points of one Cloud Monitoring time series on their way, oldest first; the oldest may be in flight. */
export class SeriesQueue {
  /** The encoded identity of the series. */
  readonly identity: Uint8Array
  readonly integer: boolean
  head: QueuedPoint | undefined = undefined
  tail: QueuedPoint | undefined = undefined
  inFlight = false
  /** It stands in the writer's line of queues that have something to write. */
  ready = false
  /** The API has taken a point of it since the start: its newest end is known for sure. */
  proven = false

  constructor(identity: Uint8Array, integer: boolean) {
    this.identity = identity
    this.integer = integer
  }

  push(queued: QueuedPoint): void {
    if (this.tail === undefined) this.head = queued
    else this.tail.next = queued
    this.tail = queued
  }

  /** Puts a point that was just settled back to the front, to be written in another form. */
  putBack(queued: QueuedPoint): void {
    queued.settled = false
    queued.next = this.head
    this.head = queued
    this.tail ??= queued
  }

  /** Takes the oldest off and settles it, and then the marks behind it. */
  settleHead(outcome: PointOutcome): void {
    settle(this.#shift(), outcome)
    this.settleMarks()
  }

  /** Settles the marks at the head, which have nothing to wait for. */
  settleMarks(): void {
    while (this.head !== undefined && this.head.point === undefined) settle(this.#shift(), { kind: 'passed' })
  }

  /** Takes off the oldest point that is not in flight, and settles it as displaced. */
  displaceOldest(): void {
    if (!this.inFlight) {
      this.settleHead({ kind: 'displaced' })
      return
    }
    let before = this.head
    while (before?.next !== undefined && before.next.point === undefined) before = before.next
    const displaced = before?.next
    if (before === undefined || displaced === undefined) return
    before.next = displaced.next
    if (this.tail === displaced) this.tail = before
    settle(displaced, { kind: 'displaced' })
  }

  #shift(): QueuedPoint | undefined {
    const { head } = this
    if (head === undefined) return undefined
    this.head = head.next
    if (this.head === undefined) this.tail = undefined
    head.next = undefined
    return head
  }
}

function settle(queued: QueuedPoint | undefined, outcome: PointOutcome): void {
  if (queued === undefined) return
  queued.settled = true
  queued.settle(outcome)
}
