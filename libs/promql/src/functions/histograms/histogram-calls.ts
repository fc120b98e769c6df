import type { Annotations } from '../../evaluation/annotations.ts'
import { withMetric } from '../../evaluation/annotations.ts'
import { type Evaluation, keepsDuplicates } from '../../evaluation/evaluation.ts'
import { QueryError } from '../../evaluation/query-error.ts'
import { FLOAT, HISTOGRAM, SeriesCollector, type StepSeries } from '../../evaluation/step-series.ts'
import { type ClassicBucket, classicFraction, classicQuantile } from '../../histogram/classic-buckets.ts'
import type { FloatHistogram } from '../../histogram/float-histogram.ts'
import { type Estimate, nativeFraction, nativeQuantile } from '../../histogram/quantile.ts'
import { type Labels, METRIC_NAME } from '../../labels/labels.ts'
import type { Call, Expression } from '../../parse/ast.ts'
import { rangeOf } from '../../parse/ast.ts'
import { formatOpenMetrics } from '../../text/format-number.ts'
import type { Range } from '../../text/position.ts'

const BUCKET_LABEL = new Set(['le'])

/** Computes a number from a native or classic histogram. */
interface Computation {
  readonly native: (histogram: FloatHistogram, step: number) => Estimate
  readonly classic: (buckets: readonly ClassicBucket[], step: number, metric: string) => number
  /** The labels of the result. */
  readonly labels: (labels: Labels, step: number) => Labels
}

/** Evaluates `histogram_quantile`, `histogram_quantiles` and `histogram_fraction`. */
export function evaluateHistogramCall(evaluation: Evaluation, call: Call): StepSeries[] {
  switch (call.function.name) {
    case 'histogram_quantile':
      return quantile(evaluation, call)
    case 'histogram_quantiles':
      return quantiles(evaluation, call)
    case 'histogram_fraction':
      return fraction(evaluation, call)
    default:
      throw new QueryError(`unknown function: ${call.function.name}`)
  }
}

function quantile(evaluation: Evaluation, call: Call): StepSeries[] {
  const [scalar, vector] = call.arguments
  if (scalar === undefined || vector === undefined) return []
  const values = evaluation.scalar(scalar)
  const result = compute(evaluation, vector, [quantileComputation(evaluation, values, vector, (labels) => labels)])
  warnAboutQuantiles(evaluation, scalar, values)
  return result
}

function warnAboutQuantiles(evaluation: Evaluation, scalar: Expression, values: Float64Array): void {
  for (const value of values) {
    if (!(value >= 0 && value <= 1)) evaluation.annotations.invalidQuantile(value, rangeOf(scalar))
  }
}

function quantileComputation(
  evaluation: Evaluation,
  values: Float64Array,
  vector: Expression,
  labels: Computation['labels'],
): Computation {
  const at = (step: number) => values[step] ?? Number.NaN
  return {
    labels,
    native: (histogram, step) => nativeQuantile(at(step), histogram),
    classic: (buckets, step, metric) => {
      const { value, forced } = classicQuantile(at(step), buckets)
      const name = evaluation.options.delayedNameRemoval ? metric : ''
      const time = evaluation.startMs + step * evaluation.stepMs
      if (forced !== undefined) evaluation.annotations.forcedMonotonicity(name, time, forced, rangeOf(vector))
      return value
    },
  }
}

function quantiles(evaluation: Evaluation, call: Call): StepSeries[] {
  const [vector, label, ...scalars] = call.arguments
  if (vector === undefined || label?.kind !== 'string') return []
  const computations = scalars.map((scalar) => {
    const values = evaluation.scalar(scalar)
    warnAboutQuantiles(evaluation, scalar, values)
    const text = (step: number) => formatOpenMetrics(values[step] ?? Number.NaN)
    return quantileComputation(evaluation, values, vector, (labels, step) => labels.with(label.value, text(step)))
  })
  return compute(evaluation, vector, computations)
}

function fraction(evaluation: Evaluation, call: Call): StepSeries[] {
  const [lower, upper, vector] = call.arguments
  if (lower === undefined || upper === undefined || vector === undefined) return []
  const lowers = evaluation.scalar(lower)
  const uppers = evaluation.scalar(upper)
  const bounds = (step: number) => [lowers[step] ?? Number.NaN, uppers[step] ?? Number.NaN] as const
  return compute(evaluation, vector, [
    {
      labels: (labels) => labels,
      native: (histogram, step) => nativeFraction(...bounds(step), histogram),
      classic: (buckets, step) => classicFraction(...bounds(step), buckets),
    },
  ])
}

/** The series of one histogram: native ones, and the buckets of a classic one. */
interface Group {
  readonly labels: Labels
  readonly native: StepSeries[]
  readonly buckets: { readonly series: StepSeries; readonly upperBound: number }[]
}

function compute(evaluation: Evaluation, vector: Expression, computations: readonly Computation[]): StepSeries[] {
  const groups = groupHistograms(evaluation, vector)
  const collector = new SeriesCollector(evaluation, keepsDuplicates(evaluation))
  const call = new HistogramCall(evaluation, rangeOf(vector), collector)
  for (let step = 0; step < evaluation.steps; step++) {
    for (const computation of computations) {
      for (const group of groups) call.addNative(group, step, computation)
      for (const group of groups) call.addClassic(group, step, computation)
    }
  }
  return collector.result()
}

function groupHistograms(evaluation: Evaluation, vector: Expression): Group[] {
  const { annotations, options } = evaluation
  const byKey = new Map<string, Group>()
  const groupOf = (labels: Labels): Group => {
    let group = byKey.get(labels.key)
    if (group === undefined) {
      group = { labels, native: [], buckets: [] }
      byKey.set(labels.key, group)
    }
    return group
  }
  for (const series of evaluation.evaluate(vector)) {
    if (series.kinds.includes(HISTOGRAM)) groupOf(series.labels).native.push(series)
    if (!series.kinds.includes(FLOAT)) continue
    const label = series.labels.get('le')
    const upperBound = parseBound(label)
    if (Number.isNaN(upperBound)) {
      const metric = options.delayedNameRemoval ? series.labels.get(METRIC_NAME) : ''
      annotations.badBucketLabel(metric, label, rangeOf(vector))
    } else groupOf(series.labels.without(BUCKET_LABEL)).buckets.push({ series, upperBound })
  }
  return [...byKey.values()]
}

/** Parses a number as Go does; NaN for anything else. */
function parseBound(text: string): number {
  if (/^[-+]?inf(?:inity)?$/i.test(text)) {
    return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  }
  return /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(text) ? Number(text) : Number.NaN
}

class HistogramCall {
  readonly #evaluation: Evaluation
  readonly #range: Range
  readonly #collector: SeriesCollector
  readonly #outputs = new Map<Computation, Map<Group | StepSeries, StepSeries>>()

  constructor(evaluation: Evaluation, range: Range, collector: SeriesCollector) {
    this.#evaluation = evaluation
    this.#range = range
    this.#collector = collector
  }

  addNative(group: Group, step: number, computation: Computation): void {
    if (group.native.length === 0) return
    const { annotations, budget, options } = this.#evaluation
    for (const series of group.native) {
      const histogram = series.histogramAt(step)
      if (histogram === undefined) continue
      budget.checkTime()
      const metric = series.labels.get(METRIC_NAME)
      if (hasBuckets(group, step)) {
        annotations.mixedClassicAndNative(options.delayedNameRemoval ? metric : '', this.#range)
        continue
      }
      const { value, nanEffect } = computation.native(histogram, step)
      const shownMetric = options.delayedNameRemoval ? metric : ''
      if (nanEffect !== undefined) addNanInfo(annotations, nanEffect, shownMetric, this.#range)
      this.#put(computation, series, series.labels, step, value)
    }
  }

  addClassic(group: Group, step: number, computation: Computation): void {
    if (group.buckets.length === 0 || group.native.some((series) => series.kinds[step] === HISTOGRAM)) return
    this.#evaluation.budget.checkTime()
    const buckets: ClassicBucket[] = []
    for (const { series, upperBound } of group.buckets) {
      if (series.kinds[step] === FLOAT) buckets.push({ upperBound, count: series.floatAt(step) })
    }
    if (buckets.length === 0) return
    const value = computation.classic(buckets, step, group.labels.get(METRIC_NAME))
    this.#put(computation, group, group.labels, step, value)
  }

  #put(computation: Computation, key: Group | StepSeries, labels: Labels, step: number, value: number): void {
    let outputs = this.#outputs.get(computation)
    if (outputs === undefined) {
      outputs = new Map()
      this.#outputs.set(computation, outputs)
    }
    const shown = this.#evaluation.options.delayedNameRemoval ? labels : labels.withoutMetadata()
    const wanted = computation.labels(shown, step)
    let output = outputs.get(key)
    if (output === undefined || output.labels.key !== wanted.key) {
      output = this.#collector.series(wanted, true)
      outputs.set(key, output)
    }
    this.#collector.put(output, step, value)
  }
}

function hasBuckets(group: Group, step: number): boolean {
  return group.buckets.some(({ series }) => series.kinds[step] === FLOAT)
}

function addNanInfo(
  annotations: Annotations,
  effect: NonNullable<Estimate['nanEffect']>,
  metric: string,
  range: Range,
): void {
  const text =
    effect === 'excluded from fractions'
      ? 'input to histogram_fraction has NaN observations, which are excluded from all fractions'
      : `input to histogram_quantile has NaN observations, ${effect}`
  annotations.inform(withMetric(text, metric), range)
}
