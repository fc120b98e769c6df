import type { Expression, VectorSelector } from '../parse/ast.ts'
import type { Annotations } from './annotations.ts'
import type { Budget } from './budget.ts'
import type { SampleCounts } from './sample-counts.ts'
import type { SelectSeries, SeriesSamples, TimeWindow } from './series-source.ts'
import type { StepSeries } from './step-series.ts'

/** How queries are evaluated; the defaults are those of Prometheus. */
export interface EvaluationOptions {
  /** The lookback delta, the maximum age of a sample that an instant vector selects; default 5 minutes. */
  readonly lookbackMs: number
  /** The resolution of subqueries that specify none; default 1 minute. */
  readonly defaultStepMs: (rangeMs: number) => number
  /** Whether metric names are dropped only at the end of the evaluation; default false. */
  readonly delayedNameRemoval: boolean
  /** Whether `__type__` distinguishes counters from other metrics; default false. */
  readonly typeAndUnitLabels: boolean
  /** Whether counters restart at the samples' start timestamps; default false. */
  readonly useStartTimestamps: boolean
}

/** The evaluation of a query or subquery at its steps. */
export interface Evaluation {
  readonly startMs: number
  readonly endMs: number
  readonly stepMs: number
  readonly steps: number
  readonly options: EvaluationOptions
  readonly annotations: Annotations
  readonly budget: Budget
  readonly counts: SampleCounts
  /** Finds the series of a selector with their samples in the time range. */
  samples(selector: VectorSelector, window: TimeWindow): Iterable<SeriesSamples>
  readonly select: SelectSeries
  /** Evaluates an expression that is neither a range vector nor a string. */
  evaluate(expression: Expression): StepSeries[]
  /** The values of a scalar at each step. */
  scalar(expression: Expression): Float64Array
}

/** Whether this is an instant query, in whose result the order of series is significant. */
export function isInstant(evaluation: Evaluation): boolean {
  return evaluation.startMs === evaluation.endMs
}

/** Whether series with the same labels are kept apart, because their names have not been dropped yet. */
export function keepsDuplicates(evaluation: Evaluation): boolean {
  return isInstant(evaluation) && evaluation.options.delayedNameRemoval
}
