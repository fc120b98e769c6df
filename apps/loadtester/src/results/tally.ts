import { count, mergeCounts, SeriesTally } from './series-tally.ts'
import { Sketch } from './sketch.ts'

/** The series that takes what exceeds the bound on series. */
export const otherSeriesName = 'other'

const maximumCustomNames = 200

/** How many series (method, name) a tally tells apart. */
export const defaultMaximumSeries = 200

/**
 * Everything that was counted and measured over some time by some workers. Tallies add up exactly: it makes no
 * difference in which pieces, and in which order, they are merged.
 */
export class Tally {
  readonly #maximumSeries: number
  /** Virtual users that were begun because they were due (open model), or as iterations (closed model). */
  arrivals = 0
  /** Virtual users whose flow ended. */
  usersCompleted = 0
  /** Those of them that ended early, with an error. */
  usersFailed = 0
  /** Arrivals that were due but not begun, since there were as many users as allowed. */
  usersSkipped = 0
  /** By `method name`. */
  readonly series = new Map<string, SeriesTally>()
  /** How late arrivals began, in ms. */
  lag = new Sketch()
  /** Time from an arrival's due time to the end of its first request, in ms: what a user would feel. */
  intended = new Sketch()
  /** Length of whole flows, in ms. */
  sessions = new Sketch()
  /** Errors of flows, by code. */
  readonly errors = new Map<string, number>()
  /** Counters of engines, plugins and scripts. */
  readonly counters = new Map<string, number>()
  /** Histograms of engines, plugins and scripts. */
  readonly histograms = new Map<string, Sketch>()

  constructor(options: { readonly maximumSeries?: number | undefined } = {}) {
    this.#maximumSeries = options.maximumSeries ?? defaultMaximumSeries
  }

  /** The tally of a series; that of `other` once there are too many. */
  seriesOf(method: string, name: string): SeriesTally {
    const key = `${method} ${name}`
    const known = this.series.get(key)
    if (known !== undefined) return known
    if (this.series.size >= this.#maximumSeries && name !== otherSeriesName) return this.seriesOf('', otherSeriesName)
    const made = new SeriesTally(method, name.slice(0, 500))
    this.series.set(key, made)
    return made
  }

  addError(code: string): void {
    count(this.errors, code)
  }

  addCounter(name: string, value: number): void {
    if (Number.isFinite(value)) count(this.counters, name, value, maximumCustomNames)
  }

  addHistogram(name: string, value: number): void {
    const key =
      this.histograms.has(name) || this.histograms.size < maximumCustomNames ? name.slice(0, 200) : otherSeriesName
    const known = this.histograms.get(key)
    if (known !== undefined) {
      known.add(value)
      return
    }
    const made = new Sketch()
    made.add(value)
    this.histograms.set(key, made)
  }

  /** Requests that were sent, over all series. */
  get requests(): number {
    let sum = 0
    for (const { requests } of this.series.values()) sum += requests
    return sum
  }

  /** Adds all of another tally. */
  merge(other: Tally): void {
    this.arrivals += other.arrivals
    this.usersCompleted += other.usersCompleted
    this.usersFailed += other.usersFailed
    this.usersSkipped += other.usersSkipped
    for (const series of other.series.values()) this.seriesOf(series.method, series.name).merge(series)
    this.lag.merge(other.lag)
    this.intended.merge(other.intended)
    this.sessions.merge(other.sessions)
    mergeCounts(this.errors, other.errors)
    mergeCounts(this.counters, other.counters, maximumCustomNames)
    for (const [name, sketch] of other.histograms) {
      const known = this.histograms.get(name)
      if (known !== undefined) {
        known.merge(sketch)
      } else {
        const made = new Sketch()
        made.merge(sketch)
        this.histograms.set(name, made)
      }
    }
  }

  /** Adds another tally with all of its series as one, and without what carries names: all that a chart of the whole needs. */
  mergeTotals(other: Tally): void {
    this.arrivals += other.arrivals
    this.usersCompleted += other.usersCompleted
    this.usersFailed += other.usersFailed
    this.usersSkipped += other.usersSkipped
    this.seriesOf('', otherSeriesName).merge(other.total())
    this.lag.merge(other.lag)
    this.intended.merge(other.intended)
    this.sessions.merge(other.sessions)
  }

  /** All series as one. */
  total(): SeriesTally {
    const total = new SeriesTally('', 'Aggregated')
    for (const series of this.series.values()) total.merge(series)
    return total
  }

  /** True when nothing was counted. */
  get isEmpty(): boolean {
    const { arrivals, usersCompleted, usersSkipped, series, errors, counters, histograms } = this
    return arrivals + usersCompleted + usersSkipped + series.size + errors.size + counters.size + histograms.size === 0
  }
}
