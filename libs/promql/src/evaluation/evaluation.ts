import type { Expression, VectorSelector } from '../parse/ast.ts'
import type { Annotations } from './annotations.ts'
import type { Budget } from './budget.ts'
import type { SampleCounts } from './sample-counts.ts'
import type { SelectSeries, SeriesSamples, TimeWindow } from './series-source.ts'
import type { StepSeries } from './step-series.ts'

/** How queries are evaluated; the defaults are those of Prometheus. */
export interface EvaluationOptions {
  /** How old a sample may be to count as the present one; default 5 minutes. */
  readonly lookbackMs: number
  /** The step of a subquery without one; default 1 minute. */
  readonly defaultStepMs: (rangeMs: number) => number
  /** Whether the name of a metric is dropped at the very end only; default false. */
  readonly delayedNameRemoval: boolean
  /** Whether `__type__` distinguishes counters from other metrics; default false. */
  readonly typeAndUnitLabels: boolean
  /** Whether counts begin at the samples' start timestamps; default false. */
  readonly useStartTimestamps: boolean
}

/** A query, or a subquery, while it is evaluated at its steps. */
export interface Evaluation {
  readonly startMs: number
  readonly endMs: number
  readonly stepMs: number
  readonly steps: number
  readonly options: EvaluationOptions
  readonly annotations: Annotations
  readonly budget: Budget
  readonly counts: SampleCounts
  /** Finds the series of a selector with their samples of the time. */
  samples(selector: VectorSelector, window: TimeWindow): Iterable<SeriesSamples>
  readonly select: SelectSeries
  /** The series of an expression that is neither a range nor a string. */
  evaluate(expression: Expression): StepSeries[]
  /** The values of a scalar at each step. */
  scalar(expression: Expression): Float64Array
}

/** Whether there is one step only, in which case the order of series has a meaning. */
export function isInstant(evaluation: Evaluation): boolean {
  return evaluation.startMs === evaluation.endMs
}

/** Whether series with the same labels are left as they are: their names are still to be dropped. */
export function keepsDuplicates(evaluation: Evaluation): boolean {
  return isInstant(evaluation) && evaluation.options.delayedNameRemoval
}
