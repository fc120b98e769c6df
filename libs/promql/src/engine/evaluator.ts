import type { Annotations } from '../evaluation/annotations.ts'
import type { Budget } from '../evaluation/budget.ts'
import type { Evaluation, EvaluationOptions } from '../evaluation/evaluation.ts'
import { QueryError } from '../evaluation/query-error.ts'
import { fromSteps } from '../evaluation/range-series.ts'
import { SampleCounts } from '../evaluation/sample-counts.ts'
import { selectVector } from '../evaluation/select-vector.ts'
import type { SelectSeries, SeriesSamples, TimeWindow } from '../evaluation/series-source.ts'
import { FLOAT, mergeSameLabels, StepSeries } from '../evaluation/step-series.ts'
import { shiftedTime } from '../evaluation/time-shift.ts'
import { greater, lesser } from '../functions/elementwise.ts'
import { RANGE_FUNCTIONS } from '../functions/range-functions.ts'
import { constantSeries, evaluateVectorCall } from '../functions/vector-functions.ts'
import { multiply } from '../histogram/float-histogram.ts'
import type { Call, Expression, Subquery, Unary, VectorSelector } from '../parse/ast.ts'
import { typeOf } from '../parse/ast.ts'
import { evaluateAggregation } from './aggregate.ts'
import { evaluateBinary, scalarBinary } from './binary.ts'
import { withStatsOnly } from './histogram-stats.ts'
import { type EvaluatedSubquery, evaluateRangeCall } from './range-call.ts'

/** State shared by all parts of a query. */
export interface QueryContext {
  readonly options: EvaluationOptions
  readonly annotations: Annotations
  readonly budget: Budget
  readonly select: SelectSeries
  /** The step-invariant parts of the expression. */
  readonly invariant: ReadonlySet<Expression>
  /** Selectors whose histograms need only count and sum. */
  readonly statsOnly: ReadonlySet<VectorSelector>
}

/** Evaluates resolved expressions at every step of a query or subquery. */
export class Evaluator implements Evaluation {
  readonly startMs: number
  readonly endMs: number
  readonly stepMs: number
  readonly steps: number
  readonly counts: SampleCounts
  readonly #context: QueryContext

  constructor(startMs: number, endMs: number, stepMs: number, context: QueryContext) {
    this.startMs = startMs
    this.endMs = endMs
    this.stepMs = stepMs
    this.steps = endMs < startMs ? 0 : Math.floor((endMs - startMs) / stepMs) + 1
    this.#context = context
    context.budget.allowSteps(this.steps)
    this.counts = new SampleCounts(startMs, stepMs, this.steps)
  }

  get options(): EvaluationOptions {
    return this.#context.options
  }

  get annotations(): Annotations {
    return this.#context.annotations
  }

  get budget(): Budget {
    return this.#context.budget
  }

  get select(): SelectSeries {
    return this.#context.select
  }

  *samples(selector: VectorSelector, window: TimeWindow): Generator<SeriesSamples> {
    const statsOnly = this.#context.statsOnly.has(selector)
    for (const found of this.select(selector.matchers, window)) {
      this.counts.seriesTouched += 1
      yield statsOnly ? withStatsOnly(found, window.startMs) : found
    }
  }

  evaluate(expression: Expression): StepSeries[] {
    if (this.steps === 0) return []
    this.budget.checkTimeNow()
    const before = this.budget.samples
    const result = this.#isConstant(expression) ? this.#once(expression) : this.#evaluate(expression)
    const count = result.reduce((total, series) => total + series.samples, 0)
    if (expression.kind === 'vectorSelector') return result
    this.budget.settle(before, count)
    return result
  }

  #isConstant(expression: Expression): boolean {
    return this.steps > 1 && this.#context.invariant.has(expression)
  }

  /** Evaluates a step-invariant expression once, at the first step. */
  #once(expression: Expression): StepSeries[] {
    const first = new Evaluator(this.startMs, this.startMs, this.stepMs, this.#context)
    const found = first.evaluate(expression)
    this.counts.addConstant(first.counts)
    return found.map((series) => {
      const everywhere = new StepSeries(series.labels, this.steps, series.dropName)
      const value = series.at(0)
      for (let step = 0; value !== undefined && step < this.steps; step++) everywhere.set(step, value)
      return everywhere
    })
  }

  #evaluate(expression: Expression): StepSeries[] {
    if (typeOf(expression) === 'scalar') return [constantSeries(this, this.scalar(expression))]
    switch (expression.kind) {
      case 'aggregation':
        return evaluateAggregation(this, expression)
      case 'binary':
        return evaluateBinary(this, expression)
      case 'call':
        return this.#call(expression)
      case 'parentheses':
        return this.evaluate(expression.expression)
      case 'unary':
        return this.#unary(expression)
      case 'vectorSelector':
        return selectVector(this, expression)
      default:
        throw new QueryError(`a ${expression.kind} can't be evaluated as a vector`)
    }
  }

  #call(call: Call): StepSeries[] {
    if (!RANGE_FUNCTIONS.has(call.function.name)) return evaluateVectorCall(this, call)
    return evaluateRangeCall(this, call, (subquery) => this.subquery(subquery))
  }

  #unary({ operator, expression }: Unary): StepSeries[] {
    const input = this.evaluate(expression)
    if (operator === '+') return input
    const { delayedNameRemoval } = this.options
    const result = input.map((series) => {
      const labels = delayedNameRemoval ? series.labels : series.labels.withoutMetadata()
      const negative = new StepSeries(labels, this.steps, true)
      for (let step = 0; step < this.steps; step++) {
        const value = series.at(step)
        if (value !== undefined) negative.set(step, typeof value === 'number' ? -value : multiply(value, -1))
      }
      return negative
    })
    return delayedNameRemoval ? result : mergeSameLabels(result)
  }

  scalar(expression: Expression): Float64Array {
    if (!this.#isConstant(expression)) return this.#scalar(expression)
    const once = new Evaluator(this.startMs, this.startMs, this.stepMs, this.#context)
    const [value = Number.NaN] = once.scalar(expression)
    this.counts.addConstant(once.counts)
    return new Float64Array(this.steps).fill(value)
  }

  #scalar(expression: Expression): Float64Array {
    switch (expression.kind) {
      case 'number':
        return new Float64Array(this.steps).fill(expression.value)
      case 'parentheses':
        return this.scalar(expression.expression)
      case 'unary': {
        const values = this.scalar(expression.expression)
        return expression.operator === '-' ? values.map((value) => -value) : values
      }
      case 'binary':
        return scalarBinary(this, expression)
      case 'call':
        return this.#scalarCall(expression)
      default:
        throw new QueryError(`a ${expression.kind} can't be evaluated as a scalar`)
    }
  }

  #scalarCall(call: Call): Float64Array {
    const [first, second] = call.arguments
    switch (call.function.name) {
      case 'pi':
        return new Float64Array(this.steps).fill(Math.PI)
      case 'time':
        return Float64Array.from({ length: this.steps }, (_, step) => (this.startMs + step * this.stepMs) / 1000)
      case 'scalar':
        return this.#onlyFloats(first === undefined ? [] : this.evaluate(first))
      case 'max_of':
      case 'min_of': {
        if (first === undefined || second === undefined) break
        const others = this.scalar(second)
        const choose = call.function.name === 'max_of' ? greater : lesser
        return this.scalar(first).map((value, step) => choose(value, others[step] ?? Number.NaN))
      }
    }
    throw new QueryError(`unknown scalar function: ${call.function.name}`)
  }

  /** The float of the only series that has one, else NaN. */
  #onlyFloats(list: readonly StepSeries[]): Float64Array {
    return Float64Array.from({ length: this.steps }, (_, step) => {
      const floats = list.filter(({ kinds }) => kinds[step] === FLOAT)
      return floats.length === 1 ? (floats[0]?.floatAt(step) ?? Number.NaN) : Number.NaN
    })
  }

  /** Evaluates a subquery at its own steps, which are aligned to multiples of its resolution. */
  subquery(subquery: Subquery): EvaluatedSubquery {
    const rangeMs = Math.trunc(subquery.duration)
    const stepMs = Math.trunc(subquery.step) || this.options.defaultStepMs(rangeMs)
    const lastStart = this.startMs + Math.max(0, this.steps - 1) * this.stepMs
    const from = shiftedTime(this.startMs, subquery) - rangeMs
    const end = shiftedTime(lastStart, subquery)
    let start = stepMs * Math.trunc(from / stepMs)
    if (start <= from) start += stepMs
    const inner = new Evaluator(start, end, stepMs, this.#context)
    const series = inner.evaluate(subquery.expression).map((one) => fromSteps(one, start, stepMs))
    return { series, counts: inner.counts }
  }

  /** Drops metric names where that was delayed until the end. */
  withoutDroppedNames(list: readonly StepSeries[]): StepSeries[] {
    if (!this.options.delayedNameRemoval) return [...list]
    for (const series of list) if (series.dropName) series.labels = series.labels.withoutMetadata()
    return mergeSameLabels(list)
  }
}
