/** How the result of a subquery is read: at which steps, and how much of it at each. */
export interface SubqueryWindows {
  readonly startMs: number
  readonly stepMs: number
  readonly steps: number
  readonly offsetMs: number
  readonly rangeMs: number
  /** The time of `@`, if the subquery has one: every step then reads the same samples. */
  readonly atMs?: number | undefined
}

/** How many samples an evaluation has read, named as in the statistics of Prometheus' API. */
export class SampleCounts {
  readonly #startMs: number
  readonly #stepMs: number
  readonly #totals: Float64Array
  readonly #reads: Float64Array
  /** The series of all selectors; a series of two selectors counts twice. */
  seriesTouched = 0

  constructor(startMs: number, stepMs: number, steps: number) {
    this.#startMs = startMs
    this.#stepMs = stepMs
    this.#totals = new Float64Array(steps)
    this.#reads = new Float64Array(steps)
  }

  /** The samples read by all steps; a sample in two windows counts twice. */
  get totalQueryableSamples(): number {
    return this.#totals.reduce((sum, count) => sum + count, 0)
  }

  /** The samples read by all steps; a sample in two windows of one selector counts once. */
  get samplesRead(): number {
    return this.#reads.reduce((sum, count) => sum + count, 0)
  }

  /** Counts the samples of a step; `fresh` of them (by default all) were not read by the previous step. */
  read(step: number, total: number, fresh = total): void {
    this.#totals[step] = (this.#totals[step] ?? 0) + total
    this.#reads[step] = (this.#reads[step] ?? 0) + fresh
  }

  /** Adds samples that are read once and then used at every step. */
  addConstant(once: SampleCounts): void {
    this.seriesTouched += once.seriesTouched
    const total = once.totalQueryableSamples
    for (let step = 0; step < this.#totals.length; step++) this.read(step, total, step === 0 ? once.samplesRead : 0)
  }

  /** Adds all samples of a subquery, for a query that consists of nothing else. */
  addAll(subquery: SampleCounts): void {
    this.seriesTouched += subquery.seriesTouched
    this.read(0, subquery.totalQueryableSamples, subquery.samplesRead)
  }

  /** Adds the samples that a subquery read at those of its steps that are in the windows of a range function. */
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
