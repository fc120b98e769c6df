import { count, mergeCounts, SeriesTally } from './series-tally.ts'
import { Sketch } from './sketch.ts'

/** Name of the series that collects requests beyond the maximum number of series. */
export const OTHER_SERIES_NAME = 'other'

const MAXIMUM_CUSTOM_NAMES = 200

/** How many series (method and name) a tally keeps apart. */
export const DEFAULT_MAXIMUM_SERIES = 200

/**
 * Everything that some workers counted and measured in some time. Tallies add up exactly, in whatever pieces and order
 * they are merged.
 */
export class Tally {
  readonly #maximumSeries: number
  /** Virtual users that started: arrivals in the open model, iterations in the closed one. */
  arrivals = 0
  /** Virtual users whose scenario ended. */
  usersCompleted = 0
  /** Those of them that ended with an error. */
  usersFailed = 0
  /** Arrivals that were due but not started, because the limit of virtual users was reached. */
  usersSkipped = 0
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
  /** Counters of engines, plugins and scripts. */
  readonly counters = new Map<string, number>()
  /** Histograms of engines, plugins and scripts. */
  readonly histograms = new Map<string, Sketch>()

  constructor(options: { readonly maximumSeries?: number | undefined } = {}) {
    this.#maximumSeries = options.maximumSeries ?? DEFAULT_MAXIMUM_SERIES
  }

  /** The tally of a series; beyond the maximum number of series, that of `other`. */
  seriesOf(method: string, name: string): SeriesTally {
    const key = `${method} ${name}`
    const known = this.series.get(key)
    if (known !== undefined) return known
    if (this.series.size >= this.#maximumSeries && name !== OTHER_SERIES_NAME)
      return this.seriesOf('', OTHER_SERIES_NAME)
    const made = new SeriesTally(method, name.slice(0, 500))
    this.series.set(key, made)
    return made
  }

  addError(code: string): void {
    count(this.errors, code)
  }

  addCounter(name: string, value: number): void {
    if (Number.isFinite(value)) count(this.counters, name, value, MAXIMUM_CUSTOM_NAMES)
  }

  addHistogram(name: string, value: number): void {
    this.#histogramOf(name).add(value)
  }

  /** Requests sent, over all series. */
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
    mergeCounts(this.counters, other.counters, MAXIMUM_CUSTOM_NAMES)
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
    this.usersSkipped += other.usersSkipped
    this.lag.merge(other.lag)
    this.intended.merge(other.intended)
    this.sessions.merge(other.sessions)
  }

  #histogramOf(name: string): Sketch {
    const own = name.slice(0, 200)
    const key = this.histograms.has(own) || this.histograms.size < MAXIMUM_CUSTOM_NAMES ? own : OTHER_SERIES_NAME
    const sketch = this.histograms.get(key) ?? new Sketch()
    this.histograms.set(key, sketch)
    return sketch
  }
}
