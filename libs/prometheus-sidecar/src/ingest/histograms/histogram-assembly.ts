import type { HistogramPart } from '../../convert/histogram.ts'
import { SenderProgress } from './sender-progress.ts'

export interface AssemblyOptions {
  /** A histogram with a new member is not complete before this time is over, so that members in other requests become known. */
  readonly learnForMs: number
  /** A time that some known member does not reach within this is given up waiting for: the member counts as gone. */
  readonly waitAtMostMs: number
  /** Parts that may wait at once, in all histograms together. */
  readonly maxWaitingParts: number
}

/** One series as a member of its histogram; made by {@link HistogramAssembly.join}. */
export interface Member<Part extends HistogramPart> {
  readonly part: Part
  readonly histogram: Histogram<Part>
  /** The newest sample that was taken of it; -Infinity before the first. */
  takenMs: number
  /** False once it went stale or was given up, until its next sample. */
  live: boolean
}

/** The members of one histogram, and its times that wait for some of them. */
export interface Histogram<Part extends HistogramPart> {
  readonly key: string
  readonly members: Set<Member<Part>>
  /** Oldest first. */
  readonly waiting: WaitingTime<Part>[]
  /** A member came that was not known before, and nothing was given out since. */
  learning: boolean
  learnUntilMs: number
  /** The newest time that was given out; -Infinity before the first. */
  givenMs: number
}

interface WaitingTime<Part extends HistogramPart> {
  readonly timestampMs: number
  readonly values: Map<Member<Part>, number>
  readonly sinceMs: number
}

/** All parts that a histogram has at one time: cumulated, as they were scraped. */
export interface AssembledHistogram<Part extends HistogramPart> {
  readonly key: string
  readonly timestampMs: number
  readonly values: ReadonlyMap<Member<Part>, number>
  /** Members that were waited for in vain; they are not in `values`. */
  readonly missing: readonly Part[]
}

/**
 * `taken`: it waits, or completes its time. `repeated`: this or a later sample of the series was taken before. `late`: its time was given
 * out without it. `full`: no room; it may be offered again.
 */
export type TakeOutcome = 'taken' | 'repeated' | 'late' | 'full'

/**
 * Puts histograms together whose parts arrive in any order, in any requests; each series' own samples arrive in the order of time.
 *
 * The members of a histogram are learnt as they appear. A time is complete when each live member has a sample at it or after it; times are
 * given out in order. Nothing here reads a clock or does I/O: `nowMs` is any clock that rises.
 */
export class HistogramAssembly<Part extends HistogramPart> {
  readonly #options: AssemblyOptions
  readonly #histograms = new Map<string, Histogram<Part>>()
  /** Histograms with times that wait. */
  readonly #open = new Set<Histogram<Part>>()
  readonly #senders: SenderProgress
  #waitingParts = 0

  constructor(options: AssemblyOptions) {
    this.#options = options
    this.#senders = new SenderProgress(options.learnForMs)
  }

  /** Parts that wait now. */
  get waitingParts(): number {
    return this.#waitingParts
  }

  /** Whether a part for a new time would be turned away. */
  get full(): boolean {
    return this.#waitingParts >= this.#options.maxWaitingParts
  }

  /**
   * Makes a series a member of the histogram `key`. `settledMs` is its newest sample that is done with, NaN if there is none: a member with
   * one was known before, and then nothing has to be learnt.
   */
  join(key: string, part: Part, options: { readonly settledMs: number; readonly nowMs: number }): Member<Part> {
    let histogram = this.#histograms.get(key)
    if (histogram === undefined) {
      histogram = {
        key,
        members: new Set(),
        waiting: [],
        learning: false,
        learnUntilMs: Number.NEGATIVE_INFINITY,
        givenMs: Number.NEGATIVE_INFINITY,
      }
      this.#histograms.set(key, histogram)
    }
    const known = !Number.isNaN(options.settledMs)
    const member: Member<Part> = {
      part,
      histogram,
      takenMs: known ? options.settledMs : Number.NEGATIVE_INFINITY,
      live: true,
    }
    histogram.members.add(member)
    if (!known) {
      histogram.learning = true
      histogram.learnUntilMs = options.nowMs + this.#options.learnForMs
    }
    return member
  }

  /** Forgets a series for good, with what waits of it. */
  leave(member: Member<Part>): void {
    const { histogram } = member
    histogram.members.delete(member)
    for (const time of histogram.waiting) if (time.values.delete(member)) this.#waitingParts -= 1
    if (histogram.members.size > 0) return
    this.#histograms.delete(histogram.key)
    this.#open.delete(histogram)
  }

  /** Ends learning of a member's histogram: its whole scrape is known to have been taken. */
  learnt(histogram: Histogram<Part>): void {
    histogram.learning = false
    histogram.learnUntilMs = Number.NEGATIVE_INFINITY
  }

  /** To be called for each batch of samples, with the time of its newest: a histogram is learnt when every sender has come to its time. */
  noteBatch(newestMs: number, nowMs: number): void {
    this.#senders.note(newestMs, nowMs)
  }

  /** Learns for the whole time again wherever learning goes on: senders are held up, so that members may be late. */
  prolongLearning(nowMs: number): void {
    for (const histogram of this.#open) {
      if (histogram.learnUntilMs > nowMs - this.#options.learnForMs) {
        histogram.learnUntilMs = nowMs + this.#options.learnForMs
      }
    }
  }

  /** Takes one sample. A stale marker is NaN: the member leaves after `timestampMs`. */
  take(member: Member<Part>, timestampMs: number, value: number, nowMs: number): TakeOutcome {
    if (timestampMs <= member.takenMs) return 'repeated'
    if (Number.isNaN(value)) {
      member.takenMs = timestampMs
      member.live = false
      return 'taken'
    }
    const { histogram } = member
    if (timestampMs <= histogram.givenMs) {
      member.takenMs = timestampMs
      member.live = true
      return 'late'
    }
    const { waiting } = histogram
    let index = waiting.length
    while (index > 0 && (waiting[index - 1] as WaitingTime<Part>).timestampMs > timestampMs) index -= 1
    let time = waiting[index - 1]
    if (time?.timestampMs !== timestampMs) {
      if (this.full) return 'full'
      time = { timestampMs, values: new Map(), sinceMs: nowMs }
      waiting.splice(index, 0, time)
      this.#open.add(histogram)
    }
    member.takenMs = timestampMs
    member.live = true
    time.values.set(member, value)
    this.#waitingParts += 1
    return 'taken'
  }

  /** Removes and gives the times of one histogram that are complete, oldest first. */
  complete(histogram: Histogram<Part>, nowMs: number): AssembledHistogram<Part>[] {
    const assembled: AssembledHistogram<Part>[] = []
    if (histogram.learnUntilMs > nowMs) return assembled
    if (histogram.learning) {
      const [oldest] = histogram.waiting
      if (oldest === undefined || this.#senders.isBehind(oldest.timestampMs, nowMs)) return assembled
      histogram.learning = false
    }
    for (;;) {
      const oldest = histogram.waiting[0]
      if (oldest === undefined || !isComplete(histogram, oldest)) return assembled
      assembled.push(this.#giveOut(histogram, oldest, []))
    }
  }

  /** Removes and gives what time has completed: histograms that are learnt now, and times that were waited for long enough. */
  due(nowMs: number): AssembledHistogram<Part>[] {
    const assembled: AssembledHistogram<Part>[] = []
    for (const histogram of this.#open) {
      assembled.push(...this.complete(histogram, nowMs))
      for (;;) {
        const oldest = histogram.waiting[0]
        if (oldest === undefined || oldest.sinceMs + this.#options.waitAtMostMs > nowMs) break
        const missing = [...histogram.members].filter((member) => isAwaited(member, oldest))
        for (const member of missing) member.live = false
        assembled.push(
          this.#giveOut(
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

  #giveOut(histogram: Histogram<Part>, time: WaitingTime<Part>, missing: readonly Part[]): AssembledHistogram<Part> {
    histogram.waiting.shift()
    if (histogram.waiting.length === 0) this.#open.delete(histogram)
    this.#waitingParts -= time.values.size
    histogram.givenMs = time.timestampMs
    return { key: histogram.key, timestampMs: time.timestampMs, values: time.values, missing }
  }
}

function isComplete<Part extends HistogramPart>(histogram: Histogram<Part>, time: WaitingTime<Part>): boolean {
  if (time.values.size === histogram.members.size) return true
  for (const member of histogram.members) if (isAwaited(member, time)) return false
  return true
}

function isAwaited<Part extends HistogramPart>(member: Member<Part>, time: WaitingTime<Part>): boolean {
  return member.live && member.takenMs < time.timestampMs
}
