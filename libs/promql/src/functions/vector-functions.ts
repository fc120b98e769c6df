import { absentLabels } from '../evaluation/absent-labels.ts'
import { type Evaluation, isInstant, keepsDuplicates } from '../evaluation/evaluation.ts'
import { forEachPresent, selectSamples } from '../evaluation/select-vector.ts'
import { FLOAT, HISTOGRAM, mergeSameLabels, NOTHING, StepSeries } from '../evaluation/step-series.ts'
import { compareText, Labels } from '../labels/labels.ts'
import type { Call, Expression, VectorSelector } from '../parse/ast.ts'
import { DATE_FUNCTIONS, FLOAT_FUNCTIONS, HISTOGRAM_FUNCTIONS } from './elementwise.ts'
import { evaluateHistogramCall } from './histograms/histogram-calls.ts'
import { compareNumbers } from './histograms/quantile.ts'
import { evaluateInfo } from './info.ts'
import { labelJoin, labelReplace } from './label-functions.ts'
import { compareNatural } from './natural-order.ts'

/** Evaluates a call of a function that takes vectors and returns a vector. */
export function evaluateVectorCall(evaluation: Evaluation, call: Call): StepSeries[] {
  const { name } = call.function
  const [first] = call.arguments
  const floatFunction = FLOAT_FUNCTIONS.get(name)
  if (floatFunction !== undefined) return floatCall(evaluation, call, floatFunction)
  const histogramFunction = HISTOGRAM_FUNCTIONS.get(name)
  if (histogramFunction !== undefined && first !== undefined) {
    return mapValues(evaluation, first, (series, step) => {
      const histogram = series.histogramAt(step)
      return histogram && histogramFunction(histogram)
    })
  }
  const dateFunction = DATE_FUNCTIONS.get(name)
  if (dateFunction !== undefined) return dateCall(evaluation, first, dateFunction)
  if (first === undefined) return []
  switch (name) {
    case 'absent':
      return absent(evaluation, first)
    case 'vector':
      return [constantSeries(evaluation, evaluation.scalar(first))]
    case 'timestamp':
    case 'start_timestamp':
      return timestamps(evaluation, first, name)
    case 'sort':
    case 'sort_desc':
    case 'sort_by_label':
    case 'sort_by_label_desc':
      return sorted(evaluation, call, first)
    case 'label_replace':
      return labelReplace(evaluation, call)
    case 'label_join':
      return labelJoin(evaluation, call)
    case 'info':
      return evaluateInfo(evaluation, call)
    default:
      return evaluateHistogramCall(evaluation, call)
  }
}

/** A series without labels. */
export function constantSeries(evaluation: Evaluation, values: Float64Array): StepSeries {
  const series = new StepSeries(Labels.empty, evaluation.steps)
  series.kinds.fill(FLOAT)
  series.values.set(values)
  return series
}

/** The series with a float computed from each value; series without a result are left out. */
function mapValues(
  evaluation: Evaluation,
  argument: Expression,
  compute: (series: StepSeries, step: number) => number | undefined,
): StepSeries[] {
  const { delayedNameRemoval } = evaluation.options
  const result: StepSeries[] = []
  for (const series of evaluation.evaluate(argument)) {
    const labels = delayedNameRemoval ? series.labels : series.labels.withoutMetadata()
    const output = new StepSeries(labels, evaluation.steps, true)
    for (let step = 0; step < evaluation.steps; step++) {
      if (series.kinds[step] === NOTHING) continue
      evaluation.budget.checkTime()
      const value = compute(series, step)
      if (value !== undefined) output.setFloat(step, value)
    }
    if (!output.isEmpty) result.push(output)
  }
  return keepsDuplicates(evaluation) ? result : mergeSameLabels(result)
}

function floatCall(
  evaluation: Evaluation,
  call: Call,
  compute: (value: number, ...scalars: readonly number[]) => number,
): StepSeries[] {
  const [first, ...others] = call.arguments
  if (first === undefined) return []
  const scalars = others.map((argument) => evaluation.scalar(argument))
  const isClamp = call.function.name === 'clamp'
  return mapValues(evaluation, first, (series, step) => {
    if (series.kinds[step] !== FLOAT) return undefined
    const values = scalars.map((list) => list[step] ?? Number.NaN)
    const [least = Number.NaN, most = Number.NaN] = values
    return isClamp && most < least ? undefined : compute(series.floatAt(step), ...values)
  })
}

function dateCall(
  evaluation: Evaluation,
  argument: Expression | undefined,
  read: (time: Date) => number,
): StepSeries[] {
  const { startMs, stepMs, steps } = evaluation
  if (argument === undefined) {
    const now = new Float64Array(steps)
    for (let step = 0; step < steps; step++) now[step] = read(new Date(startMs + step * stepMs))
    return [constantSeries(evaluation, now)]
  }
  return mapValues(evaluation, argument, (series, step) => {
    if (series.kinds[step] !== FLOAT) return undefined
    return read(new Date(Math.trunc(series.floatAt(step)) * 1000))
  })
}

function absent(evaluation: Evaluation, argument: Expression): StepSeries[] {
  const found = evaluation.evaluate(argument)
  const series = new StepSeries(absentLabels(argument), evaluation.steps)
  for (let step = 0; step < evaluation.steps; step++) {
    if (found.every(({ kinds }) => kinds[step] === NOTHING)) series.setFloat(step, 1)
  }
  return series.isEmpty ? [] : [series]
}

function timestamps(evaluation: Evaluation, argument: Expression, name: string): StepSeries[] {
  if (argument.kind === 'vectorSelector') return sampleTimes(evaluation, argument, name === 'start_timestamp')
  const { startMs, stepMs } = evaluation
  const series = mapValues(evaluation, argument, (_series, step) => (startMs + step * stepMs) / 1000)
  return name === 'timestamp' ? series : []
}

/** The timestamps of the samples, or their start timestamps. */
function sampleTimes(evaluation: Evaluation, selector: VectorSelector, wantsStart: boolean): StepSeries[] {
  const { delayedNameRemoval, useStartTimestamps } = evaluation.options
  const result: StepSeries[] = []
  for (const samples of selectSamples(evaluation, selector)) {
    const labels = delayedNameRemoval ? samples.labels : samples.labels.withoutMetadata()
    const series = new StepSeries(labels, evaluation.steps, true)
    forEachPresent(evaluation, selector, samples, (step, index) => {
      evaluation.budget.load(1)
      evaluation.counts.read(step, 1)
      if (wantsStart && !useStartTimestamps) return
      const times = wantsStart ? samples.startTimestamps : samples.timestamps
      series.setFloat(step, (times?.[index] ?? 0) / 1000)
    })
    if (!series.isEmpty) result.push(series)
  }
  return keepsDuplicates(evaluation) ? result : mergeSameLabels(result)
}

/** Sorts the result of an instant query; other results are always sorted by labels. */
function sorted(evaluation: Evaluation, call: Call, argument: Expression): StepSeries[] {
  const { name } = call.function
  const series = evaluation.evaluate(argument)
  // After the annotations of its argument: the last of several equal annotations is reported.
  if (!isInstant(evaluation)) {
    const text = 'sort is ineffective for range queries since results are always ordered by labels'
    evaluation.annotations.warn(text, call.range)
  }
  if (name === 'sort_by_label' || name === 'sort_by_label_desc') {
    const labels = call.arguments.slice(1).map((one) => (one.kind === 'string' ? one.value : ''))
    return sortedByLabels(series, labels, name === 'sort_by_label' ? 1 : -1)
  }
  const floats = series.map(withoutHistograms).filter((one) => !one.isEmpty)
  if (!isInstant(evaluation)) return floats
  const direction = name === 'sort' ? 1 : -1
  return floats.sort((a, b) => {
    const x = a.floatAt(0)
    const y = b.floatAt(0)
    // NaN comes last in either order.
    if (Number.isNaN(x) || Number.isNaN(y)) return (Number.isNaN(x) ? 1 : 0) - (Number.isNaN(y) ? 1 : 0)
    return direction * compareNumbers(x, y)
  })
}

function withoutHistograms(series: StepSeries): StepSeries {
  if (series.histograms === undefined) return series
  const floats = new StepSeries(series.labels, series.kinds.length, series.dropName)
  for (const [step, kind] of series.kinds.entries())
    if (kind !== HISTOGRAM && kind !== NOTHING) floats.setFloat(step, series.floatAt(step))
  return floats
}

function sortedByLabels(list: readonly StepSeries[], labels: readonly string[], direction: 1 | -1): StepSeries[] {
  return [...list].sort((a, b) => {
    for (const label of labels) {
      const x = a.labels.get(label)
      const y = b.labels.get(label)
      if (x !== y) return direction * (compareNatural(x, y) || compareText(x, y))
    }
    return direction * Labels.compare(a.labels, b.labels)
  })
}
