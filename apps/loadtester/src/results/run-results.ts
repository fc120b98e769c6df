import { Tally } from './tally.ts'
import { Timeline, type TimelinePoint } from './timeline.ts'

/** What one worker gave to a run. */
interface Contribution {
  readonly name: string
  /** What engines of this worker counted that are over, with what of them is unaccounted. */
  readonly ended: { readonly tally: Tally; unaccounted: number }
  /** What its present engine counted. */
  tally: Tally
  sequence: number
  /** Up to when, on the fleet's clock, it has reported. */
  untilMs: number
  /** Set while the worker is lost: requests that it may have sent and never reported. */
  lost: { readonly unaccounted: number; readonly unfinished: number } | undefined
}

/** A worker's contribution, to be stored and taken up again. */
export interface StoredContribution {
  readonly id: string
  readonly name: string
  readonly sequence: number
  readonly untilMs: number
  /** What its present engine counted. */
  readonly tally: Tally
  readonly unaccounted: number
  /** What its earlier engines counted. */
  readonly ended: { readonly tally: Tally; readonly unaccounted: number }
}

/** What a worker gave in all. */
export interface WorkerShare {
  readonly name: string
  readonly arrivals: number
  readonly requests: number
}

/** How many workers' contributions are kept apart; of a longer list the oldest ones that are gone become one. */
const maximumContributions = 200
/** The id and the name of those that became one. */
const earlierWorkers = 'earlier workers'

/**
 * The merged results of a run. Each worker's contribution is kept apart: reports add to it once, by their sequence
 * numbers, and a worker that comes back replaces it by all it knows, so that nothing is counted twice or lost.
 */
export class RunResults {
  readonly timeline: Timeline
  readonly #maximumSeries: number | undefined
  readonly #contributions = new Map<string, Contribution>()
  #total: Tally

  constructor(
    options: { readonly maximumSeries?: number | undefined; readonly points?: readonly TimelinePoint[] } = {},
  ) {
    this.#maximumSeries = options.maximumSeries
    this.#total = this.#newTally()
    this.timeline = new Timeline(options)
  }

  /** Everything that all workers reported. */
  get total(): Tally {
    return this.#total
  }

  /** Requests that lost workers may have sent after their last report: an estimate, shown apart. */
  get unaccounted(): number {
    let sum = 0
    for (const { lost, ended } of this.#contributions.values()) sum += ended.unaccounted + (lost?.unaccounted ?? 0)
    return sum
  }

  /** Requests that lost workers reported as sent, and whose end nobody knows. */
  get unfinished(): number {
    let sum = 0
    for (const { lost } of this.#contributions.values()) sum += lost?.unfinished ?? 0
    return sum
  }

  /**
   * Adds a worker's report.
   *
   * @returns false for one that was added before.
   */
  add(
    worker: { readonly id: string; readonly name: string },
    sequence: number,
    untilMs: number,
    tally: Tally,
  ): boolean {
    const contribution = this.#contributionOf(worker)
    if (sequence <= contribution.sequence) return false
    contribution.sequence = sequence
    contribution.untilMs = untilMs
    contribution.lost = undefined
    contribution.tally.merge(tally)
    this.#total.merge(tally)
    return true
  }

  /** Puts all that a worker knows in the place of what it reported. An older state than what is known is left out. */
  replace(
    worker: { readonly id: string; readonly name: string },
    sequence: number,
    untilMs: number,
    tally: Tally,
  ): void {
    const contribution = this.#contributionOf(worker)
    contribution.lost = undefined
    if (sequence < contribution.sequence) return
    contribution.sequence = sequence
    contribution.untilMs = Math.max(contribution.untilMs, untilMs)
    contribution.tally = tally
    this.#sumUp()
  }

  /** A worker begins anew with another engine, which counts its reports from 1: what the one before gave stays. */
  beginAnew(id: string): void {
    const contribution = this.#contributions.get(id)
    if (contribution === undefined) return
    contribution.ended.tally.merge(contribution.tally)
    contribution.ended.unaccounted += contribution.lost?.unaccounted ?? 0
    contribution.tally = this.#newTally()
    contribution.sequence = 0
    contribution.lost = undefined
  }

  /**
   * Notes that a worker is gone without a goodbye, maybe before its first report.
   *
   * @param missedArrivals virtual users that it had to begin since its last report.
   */
  markLost(worker: { readonly id: string; readonly name: string }, missedArrivals: number): void {
    const contribution = this.#contributionOf(worker)
    const { tally } = contribution
    const { requests, ended } = tally.total()
    const requestsPerArrival = tally.arrivals === 0 ? 1 : requests / tally.arrivals
    contribution.lost = {
      unaccounted: Math.ceil(missedArrivals * requestsPerArrival),
      unfinished: Math.max(0, requests - ended),
    }
  }

  /** Makes one of the oldest contributions where there are too many, but for those of workers that are there. */
  foldEarliest(isPresent: (id: string) => boolean): void {
    const tooMany = this.#contributions.size - maximumContributions
    if (tooMany <= 0) return
    const gone = [...this.#contributions].filter(([id]) => id !== earlierWorkers && !isPresent(id))
    const { ended } = this.#contributionOf({ id: earlierWorkers, name: earlierWorkers })
    for (const [id, contribution] of gone.slice(0, tooMany + 1)) {
      this.beginAnew(id)
      ended.tally.merge(contribution.ended.tally)
      ended.unaccounted += contribution.ended.unaccounted
      this.#contributions.delete(id)
    }
  }

  /** Up to when a worker has reported; undefined where it never has. */
  reportedUntilMs(id: string): number | undefined {
    return this.#contributions.get(id)?.untilMs
  }

  /** What one worker's present engine reported. */
  tallyOf(id: string): Tally | undefined {
    return this.#contributions.get(id)?.tally
  }

  /** What each worker gave in all. */
  get shares(): WorkerShare[] {
    return [...this.#contributions.values()].map(({ name, tally, ended }) => ({
      name,
      arrivals: tally.arrivals + ended.tally.arrivals,
      requests: tally.requests + ended.tally.requests,
    }))
  }

  /** Starts counting anew. */
  reset(): void {
    for (const [id, contribution] of this.#contributions) {
      const ended = { tally: this.#newTally(), unaccounted: 0 }
      this.#contributions.set(id, { ...contribution, tally: this.#newTally(), ended, lost: undefined })
    }
    this.#total = this.#newTally()
  }

  /** Every contribution, to be stored. */
  stored(): StoredContribution[] {
    return [...this.#contributions].map(([id, { name, sequence, untilMs, tally, lost, ended }]) => ({
      id,
      name,
      sequence,
      untilMs,
      tally,
      unaccounted: lost?.unaccounted ?? 0,
      ended,
    }))
  }

  /** Takes up what was stored. */
  restore(stored: readonly StoredContribution[]): void {
    for (const { id, name, sequence, untilMs, tally, unaccounted, ended } of stored) {
      const lost = unaccounted > 0 ? { unaccounted, unfinished: 0 } : undefined
      this.#contributions.set(id, { name, sequence, untilMs, tally, lost, ended: { ...ended } })
    }
    this.#sumUp()
  }

  #contributionOf(worker: { readonly id: string; readonly name: string }): Contribution {
    const known = this.#contributions.get(worker.id)
    if (known !== undefined) return known
    const made: Contribution = {
      name: worker.name,
      ended: { tally: this.#newTally(), unaccounted: 0 },
      tally: this.#newTally(),
      sequence: 0,
      untilMs: 0,
      lost: undefined,
    }
    this.#contributions.set(worker.id, made)
    return made
  }

  #sumUp(): void {
    this.#total = this.#newTally()
    for (const { tally, ended } of this.#contributions.values()) {
      this.#total.merge(ended.tally)
      this.#total.merge(tally)
    }
  }

  #newTally(): Tally {
    return new Tally({ maximumSeries: this.#maximumSeries })
  }
}
