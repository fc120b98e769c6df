import type { WorkerShare } from '../contract/run-report.ts'
import { FailureTimes } from './failure-times.ts'
import { RecentCounts } from './recent-counts.ts'
import { Tally } from './tally.ts'
import { Timeline, type TimelineOptions } from './timeline.ts'

export interface WorkerName {
  readonly id: string
  readonly name: string
}

/** A worker's unfinished work. */
export interface InProgress {
  /** Requests. */
  readonly inFlight: number
  /** Virtual users by scenario. */
  readonly scenarios?: readonly (readonly [string, number])[] | undefined
}

interface Contribution {
  readonly name: string
  /** What the worker's earlier engines counted, and what of their work is unaccounted. */
  readonly ended: { readonly tally: Tally; unaccounted: number; unfinished: number }
  /** What its current engine counted. */
  tally: Tally
  /** Number of its last report. */
  sequence: number
  /** The time on the fleet's clock up to which it has reported. */
  untilMs: number
  /** Requests in flight by its last report. */
  inFlight: number
  /** Virtual users that run, by scenario, by its last report. */
  running: readonly (readonly [string, number])[]
  /** Set while the worker is lost: arrivals it may have started but not reported. */
  lost: { readonly unaccounted: number } | undefined
}

/** A worker's contribution as it is stored. */
export interface StoredContribution extends WorkerName {
  readonly sequence: number
  readonly untilMs: number
  readonly tally: Tally
  readonly unaccounted: number
  readonly inFlight: number
  readonly ended: { readonly tally: Tally; readonly unaccounted: number; readonly unfinished: number }
}

/** How many contributions are kept apart; beyond that, those of absent workers are folded into one. */
const MAX_CONTRIBUTIONS = 200
const EARLIER_WORKERS: WorkerName = { id: 'earlier workers', name: 'earlier workers' }

/**
 * The merged results of a run. Each worker's contribution is kept apart: a report is added once, by its sequence number,
 * and the snapshot of a worker that reconnects replaces what it reported, so that nothing is counted twice or lost.
 */
export class RunResults {
  readonly timeline: Timeline
  readonly recent = new RecentCounts()
  readonly failureTimes = new FailureTimes()
  readonly #maximumSeries: number | undefined
  readonly #contributions = new Map<string, Contribution>()
  #total: Tally
  #observe: ((windowMs: number, tally: Tally) => void) | undefined
  #missed = 0
  #unaccountedLimit = Number.POSITIVE_INFINITY

  constructor(options: TimelineOptions = {}) {
    this.#maximumSeries = options.maximumSeries
    this.#total = this.#newTally()
    this.timeline = new Timeline(options)
  }

  /** The sum of all reports. */
  get total(): Tally {
    return this.#total
  }

  /** Arrivals that were due while no worker could start them; known when the load is over. */
  get missed(): number {
    return this.#missed
  }

  /**
   * Balances the books when the load is over: what was planned and neither started, skipped nor unaccounted was due
   * while no worker could start it.
   */
  balance(planned: number): void {
    const rest = planned - this.#total.arrivals - this.#total.usersSkipped
    this.#unaccountedLimit = Math.max(0, rest)
    this.#missed = Math.max(0, rest - this.unaccounted)
  }

  /** Arrivals that lost workers may have started after their last report. */
  get unaccounted(): number {
    return Math.min(this.#unaccountedLimit, this.#unaccounted)
  }

  get #unaccounted(): number {
    return this.#sum(({ lost, ended }) => ended.unaccounted + (lost?.unaccounted ?? 0))
  }

  /** Requests in flight by the last reports of all workers that are not lost. */
  get inFlight(): number {
    return this.#sum(({ lost, inFlight }) => (lost === undefined ? inFlight : 0))
  }

  /** Virtual users that run, by scenario, by the last reports of all workers that are not lost. */
  get running(): Map<string, number> {
    const sum = new Map<string, number>()
    for (const { lost, running } of this.#contributions.values()) {
      if (lost !== undefined) continue
      for (const [name, users] of running) sum.set(name, (sum.get(name) ?? 0) + users)
    }
    return sum
  }

  /** Requests that were in flight by the last reports of lost workers, and whose outcome is unknown. */
  get unfinished(): number {
    return this.#sum(({ lost, inFlight, ended }) => ended.unfinished + (lost === undefined ? 0 : inFlight))
  }

  /** @returns false if the report had been added before. */
  add(
    worker: WorkerName,
    sequence: number,
    untilMs: number,
    tally: Tally,
    { inFlight, scenarios = [] }: InProgress = { inFlight: 0 },
  ): boolean {
    const contribution = this.#contributionOf(worker)
    if (sequence <= contribution.sequence) return false
    contribution.sequence = sequence
    contribution.untilMs = untilMs
    contribution.inFlight = inFlight
    contribution.running = scenarios
    contribution.lost = undefined
    contribution.tally.merge(tally)
    this.#total.merge(tally)
    return true
  }

  /** Adds what a report counted to the figures by time. */
  addWindow(windowMs: number, tally: Tally): void {
    this.recent.add(windowMs, tally)
    this.failureTimes.add(windowMs, tally)
    this.#observe?.(windowMs, tally)
  }

  /** Passes each report on, with the start of the second that it belongs to. */
  observe(observe: (windowMs: number, tally: Tally) => void): void {
    this.#observe = observe
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
    if (contribution.lost !== undefined) contribution.ended.unfinished += contribution.inFlight
    contribution.inFlight = 0
    contribution.running = []
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
    this.#contributionOf(worker).lost = { unaccounted: Math.ceil(missedArrivals) }
  }

  /** Folds the oldest contributions of absent workers into one if there are too many. */
  foldOldest(isPresent: (id: string) => boolean): void {
    const excess = this.#contributions.size - MAX_CONTRIBUTIONS
    if (excess <= 0) return
    const absent = [...this.#contributions].filter(([id]) => id !== EARLIER_WORKERS.id && !isPresent(id))
    const { ended } = this.#contributionOf(EARLIER_WORKERS)
    for (const [id, contribution] of absent.slice(0, excess + 1)) {
      this.beginEngine(id)
      ended.tally.merge(contribution.ended.tally)
      ended.unaccounted += contribution.ended.unaccounted
      ended.unfinished += contribution.ended.unfinished
      this.#contributions.delete(id)
    }
  }

  /** The time up to which a worker has reported; undefined if it never has. */
  reportedUntilMs(id: string): number | undefined {
    return this.#contributions.get(id)?.untilMs
  }

  /** Names of the workers on which virtual users failed with an exception. */
  workersWith(exception: string): string[] {
    return [...this.#contributions.values()]
      .filter(({ tally, ended }) => tally.exceptions.has(exception) || ended.tally.exceptions.has(exception))
      .map(({ name }) => name)
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
    this.recent.clear()
    this.failureTimes.clear()
  }

  stored(): StoredContribution[] {
    return [...this.#contributions].map(([id, { name, sequence, untilMs, inFlight, tally, lost, ended }]) => ({
      ...{ id, name, sequence, untilMs, inFlight, tally, ended },
      unaccounted: lost?.unaccounted ?? 0,
    }))
  }

  restore(stored: readonly StoredContribution[]): void {
    for (const { id, name, sequence, untilMs, inFlight, tally, unaccounted, ended } of stored) {
      const lost = unaccounted > 0 ? { unaccounted } : undefined
      this.#contributions.set(id, { name, sequence, untilMs, inFlight, running: [], tally, lost, ended: { ...ended } })
    }
    this.#sumUp()
  }

  #contributionOf({ id, name }: WorkerName): Contribution {
    const known = this.#contributions.get(id)
    if (known !== undefined) return known
    const made = { name, ...this.#noWork(), sequence: 0, untilMs: 0, inFlight: 0, running: [], lost: undefined }
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
    return { tally: this.#newTally(), ended: { tally: this.#newTally(), unaccounted: 0, unfinished: 0 } }
  }

  #newTally(): Tally {
    return new Tally({ maximumSeries: this.#maximumSeries })
  }
}
