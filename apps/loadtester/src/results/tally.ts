import { count, mergeCounts, SeriesTally } from './series-tally.ts'
import { Sketch } from './sketch.ts'

/** Name of the series that collects requests beyond the maximum number of series. */
export const OTHER_SERIES_NAME = 'other'
/** How the counters of the virtual users that started begin in Artillery; the name of their scenario follows. */
export const CREATED_BY_NAME = 'vusers.created_by_name.'

const MAX_CUSTOM_NAMES = 200
/** Longest name of a series, in characters. */
export const MAX_NAME_LENGTH = 500
export const MAX_TRACEBACK_LENGTH = 4000

/** What ended a virtual user. */
export interface UserFailure {
  /** The error's code, else its message. */
  readonly reason: string
  /** Its last request failed, and that is what ended it. */
  readonly byRequest: boolean
  readonly traceback: string
}

/** How many series (method and name) a tally keeps apart. */
export const DEFAULT_MAX_SERIES = 200

/**
 * Everything that a set of workers counted and measured in a period. Tallies add up exactly, in whatever pieces and order
 * they are merged.
 */
export class Tally {
  readonly #maximumSeries: number
  /** Virtual users that started: arrivals in the open model, iterations in the closed one. */
  arrivals = 0
  /** Virtual users whose scenario ended without an error. */
  usersCompleted = 0
  /** Virtual users whose scenario ended with an error. */
  usersFailed = 0
  /** Those of them whose last request failed; the others failed because of an engine, a processor or a hook. */
  usersFailedByRequest = 0
  /** Virtual users that were still running when the run was stopped. */
  usersCut = 0
  /** Arrivals that were due but not started, because the limit of virtual users was reached. */
  usersSkipped = 0
  /** What the script set as `artillery.suggestedExitCode`, from 0 to 255; merged, the highest one. */
  suggestedExitCode = 0
  /** By `method name`. */
  readonly series = new Map<string, SeriesTally>()
  /** How late arrivals started, in ms. */
  lag = new Sketch()
  /** From when an arrival was due to the end of its first request, in ms: what a user would notice. */
  intended = new Sketch()
  /** Duration of whole scenarios, in ms. */
  sessions = new Sketch()
  /** Errors of scenarios, by code. */
  readonly errors = new Map<string, number>()
  /** Failed virtual users, by the code or message of the error that ended them. */
  readonly userFailures = new Map<string, number>()
  /** Those of them that failed because of an engine, a processor or a hook, rather than a request. */
  readonly exceptions = new Map<string, number>()
  /** By reason: where the first of these exceptions was thrown. */
  readonly tracebacks = new Map<string, string>()
  /** Counters of engines, plugins and scripts. */
  readonly counters = new Map<string, number>()
  /** Events that engines, plugins and scripts emit as rates: how many there were. */
  readonly rates = new Map<string, number>()
  /** Response times in ms by the first digit of the status. */
  readonly statusLatency = new Map<number, Sketch>()
  /** Histograms of engines, plugins and scripts. */
  readonly histograms = new Map<string, Sketch>()

  constructor(options: { readonly maximumSeries?: number | undefined } = {}) {
    this.#maximumSeries = options.maximumSeries ?? DEFAULT_MAX_SERIES
  }

  /** The tally of a series; beyond the maximum number of series, that of `other`. */
  seriesOf(method: string, name: string): SeriesTally {
    const key = `${method} ${name.slice(0, MAX_NAME_LENGTH)}`
    const known = this.series.get(key)
    if (known !== undefined) return known
    if (this.series.size >= this.#maximumSeries && name !== OTHER_SERIES_NAME)
      return this.seriesOf('', OTHER_SERIES_NAME)
    const made = new SeriesTally(method, name.slice(0, MAX_NAME_LENGTH))
    this.series.set(key, made)
    return made
  }

  addError(code: string): void {
    count(this.errors, code)
  }

  /**
   * Counts a virtual user that ended with an error.
   *
   * @param failure.traceback where an engine, a processor or a hook threw.
   */
  addFailedUser(failure: UserFailure): void {
    const { reason, byRequest, traceback } = failure
    this.usersFailed++
    count(this.userFailures, reason)
    if (byRequest) {
      this.usersFailedByRequest++
      return
    }
    count(this.exceptions, reason)
    this.addTraceback(reason, traceback)
  }

  /** Keeps the first traceback of each reason. */
  addTraceback(reason: string, traceback: string): void {
    if (this.exceptions.has(reason) && !this.tracebacks.has(reason))
      this.tracebacks.set(reason, traceback.slice(0, MAX_TRACEBACK_LENGTH))
  }

  addCounter(name: string, value: number): void {
    if (Number.isFinite(value)) count(this.counters, name, value, MAX_CUSTOM_NAMES)
  }

  addRate(name: string): void {
    count(this.rates, name, 1, MAX_CUSTOM_NAMES)
  }

  addStatusLatency(status: number, durationMs: number): void {
    this.#statusLatencyOf(Math.trunc(status / 100)).add(durationMs)
  }

  addHistogram(name: string, value: number): void {
    this.#histogramOf(name).add(value)
  }

  /** Requests that ended, over all series. */
  get requests(): number {
    let sum = 0
    for (const { requests } of this.series.values()) sum += requests
    return sum
  }

  /** Adds another tally, which stays as it is. */
  merge(other: Tally): void {
    this.#mergeUsers(other)
    for (const series of other.series.values()) this.seriesOf(series.method, series.name).merge(series)
    mergeCounts(this.errors, other.errors)
    mergeCounts(this.userFailures, other.userFailures)
    mergeCounts(this.exceptions, other.exceptions)
    for (const [reason, traceback] of other.tracebacks) this.addTraceback(reason, traceback)
    mergeCounts(this.counters, other.counters, MAX_CUSTOM_NAMES)
    mergeCounts(this.rates, other.rates, MAX_CUSTOM_NAMES)
    for (const [digit, sketch] of other.statusLatency) this.#statusLatencyOf(digit).merge(sketch)
    for (const [name, sketch] of other.histograms) this.#histogramOf(name).merge(sketch)
  }

  /** Adds another tally with its series summed up, and without errors and custom metrics: what a chart of the whole needs. */
  mergeTotals(other: Tally): void {
    this.#mergeUsers(other)
    this.seriesOf('', OTHER_SERIES_NAME).merge(other.total())
  }

  /** The sum of all series. */
  total(): SeriesTally {
    const total = new SeriesTally('', 'Aggregated')
    for (const series of this.series.values()) total.merge(series)
    return total
  }

  /** An independent copy. */
  copy(): Tally {
    const copy = new Tally({ maximumSeries: this.#maximumSeries })
    copy.merge(this)
    return copy
  }

  #mergeUsers(other: Tally): void {
    this.arrivals += other.arrivals
    this.usersCompleted += other.usersCompleted
    this.usersFailed += other.usersFailed
    this.usersFailedByRequest += other.usersFailedByRequest
    this.usersCut += other.usersCut
    this.usersSkipped += other.usersSkipped
    this.suggestedExitCode = Math.max(this.suggestedExitCode, other.suggestedExitCode)
    this.lag.merge(other.lag)
    this.intended.merge(other.intended)
    this.sessions.merge(other.sessions)
  }

  #statusLatencyOf(digit: number): Sketch {
    const known = this.statusLatency.get(digit)
    if (known !== undefined) return known
    const sketch = new Sketch()
    this.statusLatency.set(digit, sketch)
    return sketch
  }

  #histogramOf(name: string): Sketch {
    const own = name.slice(0, 200)
    const key = this.histograms.has(own) || this.histograms.size < MAX_CUSTOM_NAMES ? own : OTHER_SERIES_NAME
    const sketch = this.histograms.get(key) ?? new Sketch()
    this.histograms.set(key, sketch)
    return sketch
  }
}
