import type { Point } from '../model/time-series.ts'

/** What became of a point. */
export type PointOutcome =
  | { readonly kind: 'stored' }
  /** Refused because of its order, after an attempt without a clear response: that attempt had stored it. */
  | { readonly kind: 'already_stored'; readonly reason: string }
  | { readonly kind: 'refused'; readonly code: number; readonly reason: string }
  /** Refused because it follows a point of an earlier process, or of the previous leader, too soon. */
  | { readonly kind: 'too_frequent'; readonly reason: string }
  /** Dropped to make room for newer points. */
  | { readonly kind: 'displaced' }
  /** A mark: there was nothing to write. */
  | { readonly kind: 'passed' }

/** Whether a point is stored, now or by an earlier attempt. */
export function isStored({ kind }: PointOutcome): boolean {
  return kind === 'stored' || kind === 'already_stored'
}

/**
 * A point that waits to be written, or a mark without a point, which is settled after everything before it. The object
 * may be reused once it is settled.
 */
export interface QueuedPoint {
  /** May change while it is not in flight. */
  readonly point: Point | undefined
  /** Whether a request with it had no clear response, so that it may be stored. */
  attempted: boolean
  settled: boolean
  /** Its number among the points of its writer. */
  sequence: number
  /** The next one in its queue. */
  next: QueuedPoint | undefined
  /** Called once, in the order of the queue. Must not throw. */
  settle(outcome: PointOutcome): void
}

/** The unsettled points of one Cloud Monitoring time series, oldest first; the oldest may be in flight. */
export class SeriesQueue {
  /** See `encodeIdentity`. */
  readonly identity: Uint8Array
  /** Whether its values are INT64. */
  readonly integer: boolean
  head: QueuedPoint | undefined = undefined
  tail: QueuedPoint | undefined = undefined
  inFlight = false
  /** Whether it is one of the writer's ready queues. */
  ready = false
  /** The next ready queue. */
  nextReady: SeriesQueue | undefined = undefined
  /**
   * Whether the API has accepted a point of it since startup, so that the end of the newest stored point is certain.
   */
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

  /** Puts a point that was just settled back at the front, to be written again. */
  putBack(queued: QueuedPoint): void {
    queued.settled = false
    queued.next = this.head
    this.head = queued
    this.tail ??= queued
  }

  /** Removes and settles the oldest point, and the marks behind it. */
  settleHead(outcome: PointOutcome): void {
    settle(this.#shift(), outcome)
    this.settleMarks()
  }

  /** Settles the marks at the head. */
  settleMarks(): void {
    while (this.head !== undefined && this.head.point === undefined) settle(this.#shift(), PASSED)
  }

  /** Removes the oldest point that is not in flight, and settles it as displaced. */
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
    displaced.next = undefined
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

const PASSED: PointOutcome = { kind: 'passed' }

function settle(queued: QueuedPoint | undefined, outcome: PointOutcome): void {
  if (queued === undefined) return
  queued.settled = true
  queued.settle(outcome)
}
