import { Annotations } from '../evaluation/annotations.ts'
import { Budget } from '../evaluation/budget.ts'
import type { EvaluationOptions } from '../evaluation/evaluation.ts'
import { QueryError, sameLabelsError } from '../evaluation/query-error.ts'
import type { Points, RangeSeries } from '../evaluation/range-series.ts'
import { pointsOf } from '../evaluation/range-series.ts'
import type { SelectSeries } from '../evaluation/series-source.ts'
import type { StepSeries } from '../evaluation/step-series.ts'
import type { FloatHistogram } from '../histogram/float-histogram.ts'
import { Labels } from '../labels/labels.ts'
import type { Expression } from '../parse/ast.ts'
import { typeOf } from '../parse/ast.ts'
import { documentedType } from '../parse/functions.ts'
import { parseQuery } from '../parse/parse.ts'
import type { ParserOptions } from '../parse/parser.ts'
import { printExpression } from '../parse/printing/print.ts'
import { debug } from './debug-log.ts'
import { Evaluator, type QueryContext } from './evaluator.ts'
import { statsSelectors } from './histogram-stats.ts'
import { evaluateRangeSelector } from './range-selection.ts'
import { type QueryTime, resolve, stepInvariantParts } from './resolve.ts'

/** Options of {@link Engine}. */
export interface EngineOptions extends Partial<EvaluationOptions>, ParserOptions {
  /** The maximum number of samples that a query may load into memory at the same time; default 50 million. */
  readonly maxSamples?: number
  /** The maximum time that a query may take; default 2 minutes. */
  readonly timeoutMs?: number
  /** The clock that measures the timeout; by default the system's. */
  readonly now?: () => number
}

/** A series of an instant vector with its value: a float or a native histogram. */
export interface VectorSample {
  readonly labels: Labels
  readonly value: number | FloatHistogram
}

/** A series with its values over a time range. */
export interface MatrixSeries {
  readonly labels: Labels
  readonly floats: Points<number>
  readonly histograms: Points<FloatHistogram>
}

/** The value of a query, by its type in Prometheus' API. */
export type QueryValue =
  | { readonly type: 'vector'; readonly samples: readonly VectorSample[] }
  | { readonly type: 'matrix'; readonly series: readonly MatrixSeries[] }
  | { readonly type: 'scalar'; readonly value: number }
  | { readonly type: 'string'; readonly value: string }

/** The result of a query. */
export interface QueryResult {
  readonly value: QueryValue
  /** Annotations with their positions in the query: the result may be wrong, or may not be what was intended. */
  readonly warnings: readonly string[]
  readonly infos: readonly string[]
  readonly samples: QuerySamples
}

/** How many samples the query loaded, named as in the statistics of Prometheus' API. */
export interface QuerySamples {
  readonly totalQueryableSamples: number
  readonly samplesRead: number
  readonly seriesTouched: number
  readonly peakSamples: number
}

const DEFAULTS: EvaluationOptions = {
  lookbackMs: 5 * 60_000,
  defaultStepMs: () => 60_000,
  delayedNameRemoval: false,
  typeAndUnitLabels: false,
  useStartTimestamps: false,
}

/** Evaluates queries as Prometheus does. It has no state except its options. */
export class Engine {
  readonly #options: EngineOptions

  constructor(options: EngineOptions = {}) {
    this.#options = options
  }

  /**
   * Evaluates an instant query at a time in milliseconds since 1970. Throws a `ParseError`, or a {@link QueryError}
   * with Prometheus' message, also when the query exceeds the time or sample limit.
   */
  instant(select: SelectSeries, query: string, timeMs: number): QueryResult {
    const expression = parseQuery(query, this.#options)
    const time = { startMs: timeMs, endMs: timeMs, stepMs: 0 }
    return this.#evaluate(select, query, expression, time, (evaluator, resolved) => instantValue(evaluator, resolved))
  }

  /** Evaluates a range query; throws as {@link instant} does. */
  range(select: SelectSeries, query: string, startMs: number, endMs: number, stepMs: number): QueryResult {
    const expression = parseQuery(query, this.#options)
    const type = typeOf(expression)
    if (type !== 'vector' && type !== 'scalar') {
      const wanted = 'must be Scalar or instant Vector'
      throw new QueryError(`invalid expression type "${documentedType(type)}" for range query, ${wanted}`, 'query')
    }
    // Prometheus' own message: its steps are whole milliseconds, so this step is 0.
    if (stepMs < 1) throw new QueryError('unexpected error: runtime error: integer divide by zero')
    const time = { startMs, endMs, stepMs }
    return this.#evaluate(select, query, expression, time, (evaluator, resolved) => {
      const series = evaluator.withoutDroppedNames(evaluator.evaluate(resolved))
      return { type: 'matrix', series: sorted(series.map((one) => toMatrixSeries(one, startMs, stepMs))) }
    })
  }

  #evaluate(
    select: SelectSeries,
    query: string,
    expression: Expression,
    time: QueryTime,
    evaluate: (evaluator: Evaluator, resolved: Expression) => QueryValue,
  ): QueryResult {
    const { maxSamples = 50_000_000, timeoutMs = 120_000, now = Date.now } = this.#options
    const resolved = resolve(expression, time)
    const annotations = new Annotations()
    const context: QueryContext = {
      options: { ...DEFAULTS, ...this.#options },
      annotations,
      budget: new Budget(maxSamples, timeoutMs, now),
      select,
      invariant: stepInvariantParts(resolved),
      statsOnly: statsSelectors(resolved),
    }
    const stepMs = Math.max(1, time.stepMs)
    const evaluator = new Evaluator(time.startMs, time.endMs, stepMs, context)
    const startedMs = performance.now()
    const value = evaluate(evaluator, resolved)
    const { totalQueryableSamples, samplesRead, seriesTouched } = evaluator.counts
    const { peakSamples } = context.budget
    const samples = { totalQueryableSamples, samplesRead, seriesTouched, peakSamples }
    if (debug.enabled) logQuery(resolved, time, context, samples, performance.now() - startedMs)
    return { value, samples, ...annotations.texts(query) }
  }
}

/** Logs the query, its step-invariant parts, and its cost. */
function logQuery(
  resolved: Expression,
  { startMs, endMs, stepMs }: QueryTime,
  { invariant }: QueryContext,
  { samplesRead, seriesTouched, peakSamples }: QuerySamples,
  elapsedMs: number,
): void {
  const when = stepMs === 0 ? `at ${startMs}` : `from ${startMs} to ${endMs} every ${stepMs} ms`
  debug('%s %s', printExpression(resolved), when)
  if (stepMs > 0) for (const part of invariant) debug('evaluated once: %s', printExpression(part))
  debug('%d series, %d samples read, peak %d, %s ms', seriesTouched, samplesRead, peakSamples, elapsedMs.toFixed(1))
}

function instantValue(evaluator: Evaluator, expression: Expression): QueryValue {
  switch (typeOf(expression)) {
    case 'string':
      return { type: 'string', value: stringOf(expression) }
    case 'scalar':
      return { type: 'scalar', value: evaluator.scalar(expression)[0] ?? Number.NaN }
    case 'matrix':
      return { type: 'matrix', series: sorted(matrixOf(evaluator, expression)) }
    default: {
      const series = evaluator.withoutDroppedNames(evaluator.evaluate(expression))
      const samples = series.map((one) => ({ labels: one.labels, value: one.at(0) ?? Number.NaN }))
      return { type: 'vector', samples }
    }
  }
}

function stringOf(expression: Expression): string {
  if (expression.kind === 'parentheses') return stringOf(expression.expression)
  return expression.kind === 'string' ? expression.value : ''
}

function matrixOf(evaluator: Evaluator, expression: Expression): MatrixSeries[] {
  switch (expression.kind) {
    case 'parentheses':
      return matrixOf(evaluator, expression.expression)
    case 'matrixSelector':
      return evaluateRangeSelector(evaluator, expression)
    case 'subquery': {
      const { series, counts } = evaluator.subquery(expression)
      evaluator.counts.addAll(counts)
      return withoutDroppedNames(evaluator, series)
    }
    default:
      return []
  }
}

function withoutDroppedNames(evaluator: Evaluator, list: readonly RangeSeries[]): MatrixSeries[] {
  if (!evaluator.options.delayedNameRemoval) return [...list]
  const named = list.map((series) =>
    series.dropName ? { ...series, labels: series.labels.withoutMetadata() } : series,
  )
  if (new Set(named.map(({ labels }) => labels.key)).size < named.length) throw sameLabelsError()
  return named
}

function toMatrixSeries(series: StepSeries, startMs: number, stepMs: number): MatrixSeries {
  return { labels: series.labels, ...pointsOf(series, startMs, stepMs) }
}

function sorted(series: readonly MatrixSeries[]): MatrixSeries[] {
  return [...series].sort((a, b) => Labels.compare(a.labels, b.labels))
}
