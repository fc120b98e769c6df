import { type Evaluation, isInstant } from '../evaluation/evaluation.ts'
import { QueryError } from '../evaluation/query-error.ts'
import { SeriesCollector, type StepSeries } from '../evaluation/step-series.ts'
import type { FloatHistogram } from '../histogram/float-histogram.ts'
import { hashFraction } from '../labels/label-hash.ts'
import type { Aggregation } from '../parse/ast.ts'
import { rangeOf } from '../parse/ast.ts'
import { formatShortest } from '../text/format-number.ts'
import { extremes } from './extremes.ts'

const MAX_INT64 = 2 ** 63 - 1024
const MIN_INT64 = -(2 ** 63)

/** The value of a series at a step. */
interface Candidate {
  readonly series: StepSeries
  readonly value: number | FloatHistogram
}

/**
 * Evaluates `topk`, `bottomk`, `limitk` and `limit_ratio`, which select some series of each group and leave them
 * unchanged.
 */
export function aggregateSome(
  evaluation: Evaluation,
  aggregation: Aggregation,
  groups: readonly (readonly StepSeries[])[],
  parameters: Float64Array,
): StepSeries[] {
  if (!checkParameters(evaluation, aggregation, parameters)) return []
  const collector = new SeriesCollector(evaluation, isInstant(evaluation))
  const outputs = new Map<StepSeries, StepSeries>()
  const inputs = groups.reduce((count, group) => count + group.length, 0)
  for (let step = 0; step < evaluation.steps; step++) {
    const parameter = parameters[step] ?? Number.NaN
    for (const group of groups) {
      evaluation.budget.checkTime()
      for (const { series, value } of chosen(evaluation, aggregation, group, step, parameter, inputs)) {
        let output = outputs.get(series)
        if (output === undefined) {
          output = collector.series(series.labels, series.dropName)
          outputs.set(series, output)
        }
        collector.put(output, step, value)
      }
    }
  }
  return collector.result()
}

/** Whether any step can have a result. */
function checkParameters(
  evaluation: Evaluation,
  { operator, parameter }: Aggregation,
  parameters: Float64Array,
): boolean {
  const all = extremes(parameters)
  const numbers = all.filter((value) => !Number.isNaN(value))
  const hasNan = numbers.length !== all.length
  const largest = Math.max(...numbers)
  const smallest = Math.min(...numbers)
  if (operator === 'limit_ratio') {
    if (largest === 0 && smallest === 0 && !hasNan) return false
    if (hasNan) throw new QueryError('Ratio value is NaN')
    const range = parameter ? rangeOf(parameter) : { start: 0, end: 0 }
    for (const [value, limit] of [
      [largest, 1],
      [smallest, -1],
    ] as const) {
      if (Math.abs(value) <= 1 || Math.sign(value) !== limit) continue
      const text = `ratio value should be between -1 and 1, got ${formatShortest(value)}, capping to ${limit}`
      evaluation.annotations.warn(text, range)
    }
    return true
  }
  if (largest < 1 && !hasNan) return false
  if (hasNan) throw new QueryError('Parameter value is NaN')
  if (smallest <= MIN_INT64) throw new QueryError(`Scalar value ${formatShortest(smallest)} underflows int64`)
  if (largest >= MAX_INT64) throw new QueryError(`Scalar value ${formatShortest(largest)} overflows int64`)
  return true
}

function chosen(
  evaluation: Evaluation,
  aggregation: Aggregation,
  group: readonly StepSeries[],
  step: number,
  parameter: number,
  inputs: number,
): Candidate[] {
  const candidates: Candidate[] = []
  const { operator } = aggregation
  const wantsNumbers = operator === 'topk' || operator === 'bottomk'
  const count = Math.min(Math.trunc(parameter), inputs)
  if (operator === 'limit_ratio' ? parameter === 0 : count < 1) return []
  for (const series of group) {
    const value = series.at(step)
    if (value === undefined) continue
    if (wantsNumbers && typeof value !== 'number') {
      evaluation.annotations.histogramIgnored(operator, aggregation.range)
      continue
    }
    if (operator === 'limit_ratio' && !isWithinRatio(series, parameter)) continue
    candidates.push({ series, value })
    if (operator === 'limitk' && candidates.length === count) break
  }
  return wantsNumbers ? extremeValues(candidates, count, operator === 'topk') : candidates
}

function isWithinRatio(series: StepSeries, parameter: number): boolean {
  const ratio = Math.max(-1, Math.min(1, parameter))
  const fraction = hashFraction(series.labels)
  return ratio >= 0 ? fraction < ratio : fraction >= 1 + ratio
}

/** The largest (or smallest) values in order; NaN only if there are too few other values. */
function extremeValues(candidates: readonly Candidate[], count: number, largest: boolean): Candidate[] {
  const heap = new ValueHeap(count, largest)
  for (const candidate of candidates) heap.offer(candidate)
  return heap.sorted()
}

/** A heap of the best values with the worst of them on top; among equal values it keeps those that Prometheus keeps. */
class ValueHeap {
  readonly #items: Candidate[] = []
  readonly #limit: number
  readonly #largest: boolean

  constructor(limit: number, largest: boolean) {
    this.#limit = limit
    this.#largest = largest
  }

  offer(candidate: Candidate): void {
    if (this.#items.length < this.#limit) {
      this.#items.push(candidate)
      this.#up(this.#items.length - 1)
      return
    }
    const top = this.#items[0]
    if (top === undefined || !this.#beats(candidate.value, top.value)) return
    this.#items[0] = candidate
    this.#down(0)
  }

  sorted(): Candidate[] {
    return [...this.#items].sort((a, b) => (this.#isWorse(b, a) ? -1 : this.#isWorse(a, b) ? 1 : 0))
  }

  #beats(value: number | FloatHistogram, top: number | FloatHistogram): boolean {
    if (typeof value !== 'number' || typeof top !== 'number') return false
    return (this.#largest ? top < value : top > value) || (Number.isNaN(top) && !Number.isNaN(value))
  }

  #isWorse({ value: a }: Candidate, { value: b }: Candidate): boolean {
    if (typeof a !== 'number' || typeof b !== 'number') return false
    if (Number.isNaN(a)) return true
    return this.#largest ? a < b : a > b
  }

  #swap(i: number, j: number): void {
    const a = this.#items[i]
    const b = this.#items[j]
    if (a === undefined || b === undefined) return
    this.#items[i] = b
    this.#items[j] = a
  }

  #worseAt(i: number, j: number): boolean {
    const a = this.#items[i]
    const b = this.#items[j]
    return a !== undefined && b !== undefined && this.#isWorse(a, b)
  }

  #up(start: number): void {
    let i = start
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (!this.#worseAt(i, parent)) return
      this.#swap(i, parent)
      i = parent
    }
  }

  #down(start: number): void {
    let i = start
    for (;;) {
      let child = 2 * i + 1
      if (child >= this.#items.length) return
      if (this.#worseAt(child + 1, child)) child += 1
      if (!this.#worseAt(child, i)) return
      this.#swap(i, child)
      i = child
    }
  }
}
