/** How a range that a subquery has filled is read: at which steps, and how much of it at each. */
export interface SubqueryWindows {
  readonly startMs: number
  readonly stepMs: number
  readonly steps: number
  readonly offsetMs: number
  readonly rangeMs: number
  /** The time of `@`, if the subquery has one: every step then reads the same. */
  readonly atMs?: number | undefined
}

/** The samples that an evaluation has read, named as in the statistics of Prometheus' API. */
export class SampleCounts {
  readonly #startMs: number
  readonly #stepMs: number
  readonly #totals: Float64Array
  readonly #reads: Float64Array
  /** The series of all selectors; those of two selectors count twice. */
  seriesTouched = 0

  constructor(startMs: number, stepMs: number, steps: number) {
    this.#startMs = startMs
    this.#stepMs = stepMs
    this.#totals = new Float64Array(steps)
    this.#reads = new Float64Array(steps)
  }

  /** What the steps have read, a sample in two windows twice. */
  get totalQueryableSamples(): number {
    return this.#totals.reduce((sum, count) => sum + count, 0)
  }

  /** What the steps have read, a sample in two windows of one selector once. */
  get samplesRead(): number {
    return this.#reads.reduce((sum, count) => sum + count, 0)
  }

  /** Counts samples at a step, of which some were not read by the step before; by default all. */
  read(step: number, total: number, fresh = total): void {
    this.#totals[step] = (this.#totals[step] ?? 0) + total
    this.#reads[step] = (this.#reads[step] ?? 0) + fresh
  }

  /** Adds what is read once and then used at every step. */
  addConstant(once: SampleCounts): void {
    this.seriesTouched += once.seriesTouched
    const total = once.totalQueryableSamples
    for (let step = 0; step < this.#totals.length; step++) this.read(step, total, step === 0 ? once.samplesRead : 0)
  }

  /** Adds all of a subquery, for a query that asks for just it. */
  addAll(subquery: SampleCounts): void {
    this.seriesTouched += subquery.seriesTouched
    this.read(0, subquery.totalQueryableSamples, subquery.samplesRead)
  }

  /** Adds what a subquery read at those of its steps that are in the windows of a range function. */
  addSubquery(subquery: SampleCounts, windows: SubqueryWindows): void {
    if (windows.steps <= 1) {
      this.addAll(subquery)
      return
    }
    this.seriesTouched += subquery.seriesTouched
    const { startMs, stepMs, steps, offsetMs, rangeMs, atMs } = windows
    let [from, to, sum, seen] = [0, 0, 0, 0]
    for (let step = 0; step < steps; step++) {
      const until = atMs ?? startMs + step * stepMs
      const timeOf = (inner: number) => subquery.#startMs + inner * subquery.#stepMs + offsetMs
      while (to < subquery.#totals.length && timeOf(to) <= until) sum += subquery.#totals[to++] ?? 0
      while (from < to && timeOf(from) <= until - rangeMs) sum -= subquery.#totals[from++] ?? 0
      let fresh = 0
      for (let inner = Math.max(seen, from); inner < to; inner++) fresh += subquery.#reads[inner] ?? 0
      seen = to
      this.read(step, sum, fresh)
    }
  }
}
