import { type Evaluation, keepsDuplicates } from '../evaluation/evaluation.ts'
import { mergeSameLabels, NOTHING, SeriesCollector, StepSeries } from '../evaluation/step-series.ts'
import type { FloatHistogram } from '../histogram/float-histogram.ts'
import { type Labels, METRIC_NAME } from '../labels/labels.ts'
import type { Binary, Expression, VectorMatching } from '../parse/ast.ts'
import { typeOf } from '../parse/ast.ts'
import { isComparison } from '../parse/check-types.ts'
import { matchVectors } from './match-vectors.ts'
import { type Annotate, changesMeaning, elementOperation, scalarOperation } from './operators.ts'

const METADATA = [METRIC_NAME, '__type__', '__unit__']

/** Evaluates a binary expression of which at least one side is a vector. */
export function evaluateBinary(evaluation: Evaluation, expression: Binary): StepSeries[] {
  const { left, right, operator } = expression
  if (typeOf(left) === 'scalar')
    return withScalar(evaluation, expression, { vector: right, scalar: left, isSwapped: true })
  if (typeOf(right) === 'scalar') {
    return withScalar(evaluation, expression, { vector: left, scalar: right, isSwapped: false })
  }
  const leftSeries = evaluation.evaluate(left)
  const rightSeries = evaluation.evaluate(right)
  const signature = signatureOf(expression.matching)
  if (operator === 'and' || operator === 'or' || operator === 'unless') {
    return setOperation(evaluation, operator, leftSeries, rightSeries, signature)
  }
  return matchVectors(evaluation, expression, leftSeries, rightSeries, signature)
}

/** The values of a binary expression of two scalars. */
export function scalarBinary(evaluation: Evaluation, { left, right, operator }: Binary): Float64Array {
  const a = evaluation.scalar(left)
  const b = evaluation.scalar(right)
  return a.map((value, step) => scalarOperation(operator, value, b[step] ?? Number.NaN))
}

interface Sides {
  readonly vector: Expression
  readonly scalar: Expression
  readonly isSwapped: boolean
}

function withScalar(evaluation: Evaluation, expression: Binary, { vector, scalar, isSwapped }: Sides): StepSeries[] {
  const { operator, returnBool } = expression
  const { delayedNameRemoval } = evaluation.options
  const [series, scalars] = isSwapped
    ? swapped(evaluation.scalar(scalar), () => evaluation.evaluate(vector))
    : ([evaluation.evaluate(vector), evaluation.scalar(scalar)] as const)
  const dropsName = changesMeaning(operator) || returnBool
  const annotationOfStep = new Map<number, Parameters<Annotate>[0]>()
  const result = series.map((input) => {
    const labels = dropsName && !delayedNameRemoval ? input.labels.withoutMetadata() : input.labels
    const output = new StepSeries(labels, evaluation.steps, input.dropName || dropsName)
    for (let step = 0; step < evaluation.steps; step++) {
      const value = input.at(step)
      if (value === undefined) continue
      evaluation.budget.checkTime()
      const scalar = scalars[step] ?? Number.NaN
      const computed = scalarOutcome(expression, value, scalar, isSwapped, (add) => annotationOfStep.set(step, add))
      if (computed !== undefined) output.set(step, computed)
    }
    return output
  })
  for (const add of annotationOfStep.values()) add(evaluation.annotations)
  const filled = result.filter((output) => !output.isEmpty)
  return keepsDuplicates(evaluation) ? filled : mergeSameLabels(filled)
}

function swapped<T>(scalars: Float64Array, series: () => T): readonly [T, Float64Array] {
  return [series(), scalars]
}

function scalarOutcome(
  expression: Binary,
  value: number | FloatHistogram,
  scalar: number,
  isSwapped: boolean,
  annotate: Annotate,
): number | FloatHistogram | undefined {
  const [left, right] = isSwapped ? [scalar, value] : [value, scalar]
  const outcome = elementOperation(expression, left, right, annotate)
  if (outcome === undefined) return undefined
  if (expression.returnBool) return outcome.keep ? 1 : 0
  if (!outcome.keep) return undefined
  // A comparison returns the vector's value, whichever side the vector is on.
  return isComparison(expression.operator) ? value : outcome.value
}

/** The labels that two series must have in common to match. */
function signatureOf({ on, labels }: VectorMatching): (labels: Labels) => Labels {
  if (on) {
    const kept = new Set(labels)
    return (all) => all.keep(kept)
  }
  const dropped = new Set([...METADATA, ...labels])
  return (all) => all.without(dropped)
}

/** For each step, the signatures that have a series with a value. */
function presence(evaluation: Evaluation, series: readonly StepSeries[], keys: readonly string[]): Set<string>[] {
  return Array.from({ length: evaluation.steps }, (_, step) => {
    evaluation.budget.checkTime()
    return new Set(keys.filter((_key, i) => series[i]?.kinds[step] !== NOTHING))
  })
}

function setOperation(
  evaluation: Evaluation,
  operator: 'and' | 'or' | 'unless',
  left: readonly StepSeries[],
  right: readonly StepSeries[],
  signature: (labels: Labels) => Labels,
): StepSeries[] {
  const leftKeys = left.map(({ labels }) => signature(labels).key)
  const rightKeys = right.map(({ labels }) => signature(labels).key)
  const collector = new SeriesCollector(evaluation, keepsDuplicates(evaluation))
  const copy = (list: readonly StepSeries[], wanted: (i: number, step: number) => boolean) => {
    for (const [i, series] of list.entries()) {
      const output = collector.series(series.labels, series.dropName)
      for (let step = 0; step < evaluation.steps; step++) {
        const value = series.at(step)
        if (value === undefined) continue
        evaluation.budget.checkTime()
        if (wanted(i, step)) collector.put(output, step, value)
      }
    }
  }
  if (operator === 'or') {
    const present = presence(evaluation, left, leftKeys)
    copy(left, () => true)
    copy(right, (i, step) => present[step]?.has(rightKeys[i] ?? '') === false)
  } else {
    const present = presence(evaluation, right, rightKeys)
    copy(left, (i, step) => present[step]?.has(leftKeys[i] ?? '') === (operator === 'and'))
  }
  return collector.result()
}
