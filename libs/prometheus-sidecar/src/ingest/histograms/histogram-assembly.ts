import { compareParts, type HistogramPart } from '../../convert/histogram.ts'
import { SenderProgress } from './sender-progress.ts'

/** Options of {@link HistogramAssembly}. */
export interface AssemblyOptions {
  /** How long a histogram with a new member stays incomplete, so that members in other requests become known. */
  readonly learningPeriodMs: number
  /** A member that does not reach a time within this is considered gone, unless senders were held up meanwhile. */
  readonly maxWaitMs: number
  /** Limit of waiting parts, over all histograms. */
  readonly maxWaitingParts: number
}

/** A series as a member of its histogram; see {@link HistogramAssembly.join}. */
export interface Member<Part extends HistogramPart> {
  readonly part: Part
  readonly histogram: Histogram<Part>
  /** Its index among the members, and of its value in each waiting time. */
  index: number
  /** Time of its newest accepted sample; -Infinity before the first. */
  acceptedMs: number
  /** False from when the series goes stale or is given up until its next sample. */
  live: boolean
}

/** The members of one histogram, and the times that still wait for some of them. */
export interface Histogram<Part extends HistogramPart> {
  readonly key: string
  /** In the order of {@link compareParts}. Replaced by a new array when a member joins or leaves. */
  members: readonly Member<Part>[]
  /** Oldest first. */
  readonly waiting: WaitingTime[]
  /** Whether a new member appeared since the last emitted time. */
  learning: boolean
  learnUntilMs: number
  /** The newest emitted time; -Infinity before the first. */
  emittedMs: number
}

interface WaitingTime {
  readonly timestampMs: number
  /** One value per member, NaN where it has none yet; an array, since a map per histogram and time costs far more. */
  readonly values: number[]
  /** How many values there are. */
  parts: number
  readonly sinceMs: number
  /** Whether a member has samples before and after this time but none at it: that one was lost. */
  incomplete: boolean
}

/** All parts of a histogram at one timestamp: cumulative, as scraped. */
export interface AssembledHistogram<Part extends HistogramPart> {
  readonly key: string
  readonly timestampMs: number
  readonly members: readonly Member<Part>[]
  /** One value per member, NaN where it has none. */
  readonly values: readonly number[]
  /** Members that did not arrive in time. */
  readonly missing: readonly Part[]
  /** Whether a part was lost: one of a member that has samples before and after it. */
  readonly incomplete: boolean
}

/**
 * `accepted`: it waits, or completes its time. `repeated`: this or a later sample of the series was accepted before.
 * `late`: its time was emitted without it. `full`: there is no room; it may be offered again.
 */
export type AcceptOutcome = 'accepted' | 'repeated' | 'late' | 'full'

/**
 * Assembles histograms from parts that arrive in any order and in any request; only the samples of each single series
 * arrive in order of time.
 *
 * The members of a histogram become known as they appear. A time is complete when each live member has a sample at or
 * after it; times are emitted in order. Nothing here reads a clock or does I/O: `nowMs` may come from any monotonic
 * clock.
 */
export class HistogramAssembly<Part extends HistogramPart> {
  readonly #options: AssemblyOptions
  readonly #histograms = new Map<string, Histogram<Part>>()
  /** Histograms with waiting times. */
  readonly #open = new Set<Histogram<Part>>()
  readonly #senders: SenderProgress
  #waitingParts = 0
  #heldUpMs = Number.NEGATIVE_INFINITY
  /** Set from when senders are held up until the next batch: before it, members may not have had their turn. */
  #waitsForBatch = false

  constructor(options: AssemblyOptions) {
    this.#options = options
    this.#senders = new SenderProgress(options.learningPeriodMs)
  }

  get waitingParts(): number {
    return this.#waitingParts
  }

  /** Whether a part for a new time would be rejected. */
  get full(): boolean {
    return this.#waitingParts >= this.#options.maxWaitingParts
  }

  /**
   * Makes a series a member of the histogram `key`. `settledMs` is the time of its newest settled sample, NaN if there
   * is none: a member that has one was known before, so no learning period is needed.
   */
  join(key: string, part: Part, options: { readonly settledMs: number; readonly nowMs: number }): Member<Part> {
    let histogram = this.#histograms.get(key)
    if (histogram === undefined) {
      histogram = {
        key,
        members: [],
        waiting: [],
        learning: false,
        learnUntilMs: Number.NEGATIVE_INFINITY,
        emittedMs: Number.NEGATIVE_INFINITY,
      }
      this.#histograms.set(key, histogram)
    }
    const known = !Number.isNaN(options.settledMs)
    const member: Member<Part> = {
      part,
      histogram,
      index: histogram.members.findLastIndex((other) => compareParts(other.part, part) <= 0) + 1,
      acceptedMs: known ? options.settledMs : Number.NEGATIVE_INFINITY,
      live: true,
    }
    setMembers(histogram, histogram.members.toSpliced(member.index, 0, member))
    for (const time of histogram.waiting) time.values.splice(member.index, 0, Number.NaN)
    if (!known) {
      histogram.learning = true
      histogram.learnUntilMs = options.nowMs + this.#options.learningPeriodMs
    }
    return member
  }

  /** Whether a histogram has live members with samples since `sinceMs`. */
  isLive(key: string, sinceMs: number): boolean {
    for (const member of this.#histograms.get(key)?.members ?? []) {
      if (member.live && member.acceptedMs >= sinceMs) return true
    }
    return false
  }

  /** Removes a member and its waiting parts. */
  leave(member: Member<Part>): void {
    const { histogram } = member
    for (const time of histogram.waiting) {
      const [value = Number.NaN] = time.values.splice(member.index, 1)
      if (Number.isNaN(value)) continue
      time.parts -= 1
      this.#waitingParts -= 1
    }
    setMembers(histogram, histogram.members.toSpliced(member.index, 1))
    if (histogram.members.length > 0) return
    this.#histograms.delete(histogram.key)
    this.#open.delete(histogram)
  }

  /** Ends the learning period of a histogram once a whole scrape of it has arrived. */
  endLearning(histogram: Histogram<Part>): void {
    histogram.learning = false
    histogram.learnUntilMs = Number.NEGATIVE_INFINITY
  }

  /**
   * Call it for each batch with the time of its newest sample: learning ends when every sender has reached the
   * histogram's time.
   */
  noteBatch(newestMs: number, nowMs: number): void {
    this.#senders.note(newestMs, nowMs)
    if (!this.#waitsForBatch) return
    this.#waitsForBatch = false
    for (const histogram of this.#open) if (histogram.learning) this.#relearn(histogram, nowMs)
  }

  /** Senders are held up, so members may be late: restarts all running learning periods and all waits. */
  holdUp(nowMs: number): void {
    this.#heldUpMs = nowMs
    this.#waitsForBatch = true
    for (const histogram of this.#open) {
      if (histogram.learnUntilMs > nowMs - this.#options.learningPeriodMs) this.#relearn(histogram, nowMs)
    }
  }

  #relearn(histogram: Histogram<Part>, nowMs: number): void {
    histogram.learnUntilMs = Math.max(histogram.learnUntilMs, nowMs + this.#options.learningPeriodMs)
  }

  /** Accepts one sample. NaN is a stale marker: the member is gone after `timestampMs`. */
  accept(member: Member<Part>, timestampMs: number, value: number, nowMs: number): AcceptOutcome {
    if (timestampMs <= member.acceptedMs) return 'repeated'
    if (Number.isNaN(value)) {
      member.acceptedMs = timestampMs
      member.live = false
      return 'accepted'
    }
    const { histogram } = member
    if (timestampMs <= histogram.emittedMs) {
      member.acceptedMs = timestampMs
      member.live = true
      return 'late'
    }
    const { waiting } = histogram
    let index = waiting.length
    while (index > 0 && (waiting[index - 1] as WaitingTime).timestampMs > timestampMs) index -= 1
    let time = waiting[index - 1]
    if (time?.timestampMs !== timestampMs) {
      if (this.full) return 'full'
      const values = new Array<number>(histogram.members.length).fill(Number.NaN)
      time = { timestampMs, values, parts: 0, sinceMs: nowMs, incomplete: false }
      waiting.splice(index, 0, time)
      this.#open.add(histogram)
    }
    if (member.live) noteLost(waiting, member, timestampMs)
    member.acceptedMs = timestampMs
    member.live = true
    time.values[member.index] = value
    time.parts += 1
    this.#waitingParts += 1
    return 'accepted'
  }

  /** Removes and returns the complete times of a histogram, oldest first. */
  complete(histogram: Histogram<Part>, nowMs: number): AssembledHistogram<Part>[] {
    const assembled: AssembledHistogram<Part>[] = []
    if (histogram.learnUntilMs > nowMs) return assembled
    if (histogram.learning) {
      const [oldest] = histogram.waiting
      if (oldest === undefined || this.#waitsForBatch || this.#senders.isBehind(oldest.timestampMs, nowMs))
        return assembled
      histogram.learning = false
    }
    for (;;) {
      const oldest = histogram.waiting[0]
      if (oldest === undefined || !isComplete(histogram, oldest)) return assembled
      assembled.push(this.#emit(histogram, oldest, []))
    }
  }

  /**
   * Removes and returns what became complete because time passed: histograms whose learning period is over, and times
   * that have waited long enough.
   */
  due(nowMs: number): AssembledHistogram<Part>[] {
    const assembled: AssembledHistogram<Part>[] = []
    for (const histogram of this.#open) {
      assembled.push(...this.complete(histogram, nowMs))
      for (;;) {
        const oldest = histogram.waiting[0]
        if (oldest === undefined || Math.max(oldest.sinceMs, this.#heldUpMs) + this.#options.maxWaitMs > nowMs) break
        const missing = histogram.members.filter((member) => isAwaited(member, oldest))
        for (const member of missing) member.live = false
        assembled.push(
          this.#emit(
            histogram,
            oldest,
            missing.map((member) => member.part),
          ),
        )
        assembled.push(...this.complete(histogram, nowMs))
      }
    }
    return assembled
  }

  #emit(histogram: Histogram<Part>, time: WaitingTime, missing: readonly Part[]): AssembledHistogram<Part> {
    histogram.waiting.shift()
    if (histogram.waiting.length === 0) this.#open.delete(histogram)
    this.#waitingParts -= time.parts
    histogram.emittedMs = time.timestampMs
    const { key, members } = histogram
    const { timestampMs, values, incomplete } = time
    return { key, timestampMs, members, values, missing, incomplete }
  }
}

/** The samples of a series arrive in order, so a member that skips a time has no sample for it. */
function noteLost<Part extends HistogramPart>(
  waiting: readonly WaitingTime[],
  member: Member<Part>,
  timestampMs: number,
): void {
  if (member.acceptedMs === Number.NEGATIVE_INFINITY) return
  for (let index = waiting.length - 1; index >= 0; index--) {
    const time = waiting[index]
    if (time === undefined || time.timestampMs <= member.acceptedMs) return
    if (time.timestampMs < timestampMs) time.incomplete = true
  }
}

function isComplete<Part extends HistogramPart>(histogram: Histogram<Part>, time: WaitingTime): boolean {
  if (time.parts === histogram.members.length) return true
  for (const member of histogram.members) if (isAwaited(member, time)) return false
  return true
}

function isAwaited<Part extends HistogramPart>(member: Member<Part>, time: WaitingTime): boolean {
  return member.live && member.acceptedMs < time.timestampMs
}

function setMembers<Part extends HistogramPart>(histogram: Histogram<Part>, members: readonly Member<Part>[]): void {
  histogram.members = members
  for (const [index, member] of members.entries()) member.index = index
}
