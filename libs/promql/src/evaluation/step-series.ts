import { type FloatHistogram, sizeInSamples } from '../histogram/float-histogram.ts'
import type { Labels } from '../labels/labels.ts'
import type { Budget } from './budget.ts'
import { sameLabelsError } from './query-error.ts'

/** The value of a series at a step. */
export const NOTHING = 0
export const FLOAT = 1
export const HISTOGRAM = 2

/** A series with at most one value at each step of a query. */
export class StepSeries {
  labels: Labels
  /** Whether the metric name is to be dropped at the end, if that is delayed. */
  dropName: boolean
  readonly kinds: Uint8Array
  readonly values: Float64Array
  histograms: FloatHistogram[] | undefined

  constructor(labels: Labels, steps: number, dropName = false) {
    this.labels = labels
    this.dropName = dropName
    this.kinds = new Uint8Array(steps)
    this.values = new Float64Array(steps)
  }

  setFloat(step: number, value: number): void {
    this.kinds[step] = FLOAT
    this.values[step] = value
  }

  setHistogram(step: number, histogram: FloatHistogram): void {
    this.kinds[step] = HISTOGRAM
    this.histograms ??= []
    this.histograms[step] = histogram
  }

  set(step: number, value: number | FloatHistogram): void {
    if (typeof value === 'number') this.setFloat(step, value)
    else this.setHistogram(step, value)
  }

  /** The value at a step; undefined if there is none. */
  at(step: number): number | FloatHistogram | undefined {
    const kind = this.kinds[step]
    if (kind === FLOAT) return this.values[step]
    return kind === HISTOGRAM ? this.histograms?.[step] : undefined
  }

  floatAt(step: number): number {
    return this.values[step] ?? Number.NaN
  }

  histogramAt(step: number): FloatHistogram | undefined {
    return this.kinds[step] === HISTOGRAM ? this.histograms?.[step] : undefined
  }

  get isEmpty(): boolean {
    return this.kinds.every((kind) => kind === NOTHING)
  }

  /** How many samples it counts towards a query's limit. */
  get samples(): number {
    let count = 0
    for (let step = 0; step < this.kinds.length; step++) {
      if (this.kinds[step] === FLOAT) count += 1
      const histogram = this.histogramAt(step)
      if (histogram !== undefined) count += sizeInSamples(histogram)
    }
    return Math.max(count, emptySamples(this.kinds.length))
  }
}

/** The minimum that a series counts: it takes memory for every step, including steps without a value. */
export function emptySamples(steps: number): number {
  return Math.ceil(steps / 8)
}

/**
 * Collects series by labels. Values with the same labels at different steps become one series; at the same step they
 * are an error.
 */
export class SeriesCollector {
  readonly #steps: number
  readonly #budget: Budget
  readonly #byKey = new Map<string, StepSeries>()
  readonly #list: StepSeries[] = []
  readonly #keepDuplicates: boolean
  #loaded = 0

  /** With `keepDuplicates` every call of {@link series} creates a new series. */
  constructor({ steps, budget }: { readonly steps: number; readonly budget: Budget }, keepDuplicates: boolean) {
    this.#steps = steps
    this.#budget = budget
    this.#keepDuplicates = keepDuplicates
  }

  /** The series with the labels. */
  series(labels: Labels, dropName: boolean): StepSeries {
    const known = this.#keepDuplicates ? undefined : this.#byKey.get(labels.key)
    if (known !== undefined) return known
    this.#budget.load(emptySamples(this.#steps))
    this.#loaded += emptySamples(this.#steps)
    const series = new StepSeries(labels, this.#steps, dropName)
    this.#byKey.set(labels.key, series)
    this.#list.push(series)
    return series
  }

  /** Sets a value; throws if there is one already. */
  put(series: StepSeries, step: number, value: number | FloatHistogram): void {
    if (series.kinds[step] !== NOTHING) throw sameLabelsError()
    series.set(step, value)
  }

  add(step: number, labels: Labels, value: number | FloatHistogram, dropName = false): void {
    this.put(this.series(labels, dropName), step, value)
  }

  /** Returns all series that have a value; their samples no longer count as held by the collector. */
  result(): StepSeries[] {
    this.#budget.load(-this.#loaded)
    this.#loaded = 0
    return this.#list.filter((series) => !series.isEmpty)
  }
}

/** Merges series with the same labels, as {@link SeriesCollector} does. */
export function mergeSameLabels(list: readonly StepSeries[]): StepSeries[] {
  const byKey = new Map<string, StepSeries>()
  for (const series of list) {
    const known = byKey.get(series.labels.key)
    if (known === undefined) byKey.set(series.labels.key, series)
    else byKey.set(series.labels.key, merged(known, series))
  }
  return [...byKey.values()]
}

function merged(a: StepSeries, b: StepSeries): StepSeries {
  const result = new StepSeries(a.labels, a.kinds.length, a.dropName)
  for (let step = 0; step < a.kinds.length; step++) {
    const left = a.at(step)
    const right = b.at(step)
    if (left !== undefined && right !== undefined) throw sameLabelsError()
    const value = left ?? right
    if (value !== undefined) result.set(step, value)
  }
  return result
}
