import type { WorkerShare } from '../contract/run-report.ts'
import { Tally } from './tally.ts'
import { Timeline, type TimelineOptions } from './timeline.ts'

export interface WorkerName {
  readonly id: string
  readonly name: string
}

interface Contribution {
  readonly name: string
  /** What the worker's earlier engines counted, and what of their work is unaccounted. */
  readonly ended: { readonly tally: Tally; unaccounted: number }
  /** What its current engine counted. */
  tally: Tally
  /** Number of its last report. */
  sequence: number
  /** The time on the fleet's clock up to which it has reported. */
  untilMs: number
  /** Set while the worker is lost: requests it may have sent but not reported, and those with unknown outcome. */
  lost: { readonly unaccounted: number; readonly unfinished: number } | undefined
}

/** A worker's contribution as it is stored. */
export interface StoredContribution extends WorkerName {
  readonly sequence: number
  readonly untilMs: number
  readonly tally: Tally
  readonly unaccounted: number
  readonly ended: { readonly tally: Tally; readonly unaccounted: number }
}

/** How many contributions are kept apart; beyond that, those of absent workers are folded into one. */
const MAXIMUM_CONTRIBUTIONS = 200
const EARLIER_WORKERS: WorkerName = { id: 'earlier workers', name: 'earlier workers' }

/**
 * The merged results of a run. Each worker's contribution is kept apart: a report is added once, by its sequence number,
 * and the snapshot of a worker that reconnects replaces what it reported, so that nothing is counted twice or lost.
 */
export class RunResults {
  readonly timeline: Timeline
  readonly #maximumSeries: number | undefined
  readonly #contributions = new Map<string, Contribution>()
  #total: Tally

  constructor(options: TimelineOptions = {}) {
    this.#maximumSeries = options.maximumSeries
    this.#total = this.#newTally()
    this.timeline = new Timeline(options)
  }

  /** The sum of all reports. */
  get total(): Tally {
    return this.#total
  }

  /** Requests that lost workers may have sent after their last report: an estimate. */
  get unaccounted(): number {
    return this.#sum(({ lost, ended }) => ended.unaccounted + (lost?.unaccounted ?? 0))
  }

  /** Requests that lost workers reported as sent and whose outcome is unknown. */
  get unfinished(): number {
    return this.#sum(({ lost }) => lost?.unfinished ?? 0)
  }

  /** @returns false if the report had been added before. */
  add(worker: WorkerName, sequence: number, untilMs: number, tally: Tally): boolean {
    const contribution = this.#contributionOf(worker)
    if (sequence <= contribution.sequence) return false
    contribution.sequence = sequence
    contribution.untilMs = untilMs
    contribution.lost = undefined
    contribution.tally.merge(tally)
    this.#total.merge(tally)
    return true
  }

  /** Replaces what a worker reported by everything it counted, unless that is older. */
  replace(worker: WorkerName, sequence: number, untilMs: number, tally: Tally): void {
    const contribution = this.#contributionOf(worker)
    contribution.lost = undefined
    if (sequence < contribution.sequence) return
    contribution.sequence = sequence
    contribution.untilMs = Math.max(contribution.untilMs, untilMs)
    contribution.tally = this.#newTally()
    contribution.tally.merge(tally)
    this.#sumUp()
  }

  /** Closes what a worker counted so far: it gets another engine, whose reports are numbered from 1 again. */
  beginEngine(id: string): void {
    const contribution = this.#contributions.get(id)
    if (contribution === undefined) return
    contribution.ended.tally.merge(contribution.tally)
    contribution.ended.unaccounted += contribution.lost?.unaccounted ?? 0
    contribution.tally = this.#newTally()
    contribution.sequence = 0
    contribution.lost = undefined
  }

  /**
   * Marks a worker as lost, possibly before its first report.
   *
   * @param missedArrivals virtual users that were due there since its last report.
   */
  markLost(worker: WorkerName, missedArrivals: number): void {
    const contribution = this.#contributionOf(worker)
    const { tally } = contribution
    const { requests, ended } = tally.total()
    const requestsPerArrival = tally.arrivals === 0 ? 1 : requests / tally.arrivals
    contribution.lost = {
      unaccounted: Math.ceil(missedArrivals * requestsPerArrival),
      unfinished: Math.max(0, requests - ended),
    }
  }

  /** Folds the oldest contributions of absent workers into one if there are too many. */
  foldOldest(isPresent: (id: string) => boolean): void {
    const excess = this.#contributions.size - MAXIMUM_CONTRIBUTIONS
    if (excess <= 0) return
    const absent = [...this.#contributions].filter(([id]) => id !== EARLIER_WORKERS.id && !isPresent(id))
    const { ended } = this.#contributionOf(EARLIER_WORKERS)
    for (const [id, contribution] of absent.slice(0, excess + 1)) {
      this.beginEngine(id)
      ended.tally.merge(contribution.ended.tally)
      ended.unaccounted += contribution.ended.unaccounted
      this.#contributions.delete(id)
    }
  }

  /** The time up to which a worker has reported; undefined if it never has. */
  reportedUntilMs(id: string): number | undefined {
    return this.#contributions.get(id)?.untilMs
  }

  /** What a worker's current engine reported. */
  tallyOf(id: string): Tally | undefined {
    return this.#contributions.get(id)?.tally
  }

  /** What each worker contributed in total. */
  get shares(): WorkerShare[] {
    return [...this.#contributions.values()].map(({ name, tally, ended }) => ({
      name,
      arrivals: tally.arrivals + ended.tally.arrivals,
      requests: tally.requests + ended.tally.requests,
    }))
  }

  /** Restarts all counts at 0. */
  reset(): void {
    for (const [id, contribution] of this.#contributions)
      this.#contributions.set(id, { ...contribution, ...this.#noWork(), lost: undefined })
    this.#total = this.#newTally()
  }

  stored(): StoredContribution[] {
    return [...this.#contributions].map(([id, { name, sequence, untilMs, tally, lost, ended }]) => ({
      ...{ id, name, sequence, untilMs, tally, ended },
      unaccounted: lost?.unaccounted ?? 0,
    }))
  }

  restore(stored: readonly StoredContribution[]): void {
    for (const { id, name, sequence, untilMs, tally, unaccounted, ended } of stored) {
      const lost = unaccounted > 0 ? { unaccounted, unfinished: 0 } : undefined
      this.#contributions.set(id, { name, sequence, untilMs, tally, lost, ended: { ...ended } })
    }
    this.#sumUp()
  }

  #contributionOf({ id, name }: WorkerName): Contribution {
    const known = this.#contributions.get(id)
    if (known !== undefined) return known
    const made = { name, ...this.#noWork(), sequence: 0, untilMs: 0, lost: undefined }
    this.#contributions.set(id, made)
    return made
  }

  #sum(read: (contribution: Contribution) => number): number {
    return [...this.#contributions.values()].reduce((sum, contribution) => sum + read(contribution), 0)
  }

  #sumUp(): void {
    this.#total = this.#newTally()
    for (const { tally, ended } of this.#contributions.values()) {
      this.#total.merge(ended.tally)
      this.#total.merge(tally)
    }
  }

  #noWork(): Pick<Contribution, 'tally' | 'ended'> {
    return { tally: this.#newTally(), ended: { tally: this.#newTally(), unaccounted: 0 } }
  }

  #newTally(): Tally {
    return new Tally({ maximumSeries: this.#maximumSeries })
  }
}
