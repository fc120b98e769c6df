import { absentLabels } from '../evaluation/absent-labels.ts'
import type { Evaluation } from '../evaluation/evaluation.ts'
import { QueryError } from '../evaluation/query-error.ts'
import { type RangeSeries, toRangeSeries } from '../evaluation/range-series.ts'
import { type PointWindow, type RangeFunction, type RangeWindow, windowsOf } from '../evaluation/range-window.ts'
import type { SampleCounts } from '../evaluation/sample-counts.ts'
import type { SeriesSamples } from '../evaluation/series-source.ts'
import { mergeSameLabels, NOTHING, StepSeries } from '../evaluation/step-series.ts'
import { shiftedTime } from '../evaluation/time-shift.ts'
import { EXTENDED_FUNCTIONS, RANGE_FUNCTIONS } from '../functions/range-functions.ts'
import { type FloatHistogram, sizeInSamples } from '../histogram/float-histogram.ts'
import { METRIC_NAME } from '../labels/labels.ts'
import type { Call, Expression, MatrixSelector, Subquery, VectorSelector } from '../parse/ast.ts'
import { rangeOf } from '../parse/ast.ts'
import type { Range } from '../text/position.ts'
import { quote } from '../text/quote.ts'

/** A series whose samples in a range are passed to a function at each step. */
interface Source {
  readonly series: Iterable<RangeSeries>
  readonly fromSubquery: boolean
  readonly shift: MatrixSelector['selector'] | Subquery
  readonly durationMs: number
  readonly extension?: 'anchored' | 'smoothed'
}

const WITH_STARTS: ReadonlySet<string> = new Set(['rate', 'irate', 'increase', 'resets'])
const KEEP_NAME: ReadonlySet<string> = new Set(['last_over_time', 'first_over_time'])

/** A subquery's series as input of a range function, and the samples that were read for them. */
export interface EvaluatedSubquery {
  readonly series: readonly RangeSeries[]
  readonly counts: SampleCounts
}

export type EvaluateSubquery = (subquery: Subquery) => EvaluatedSubquery

/** Evaluates a call of a range function. */
export function evaluateRangeCall(evaluation: Evaluation, call: Call, subquery: EvaluateSubquery): StepSeries[] {
  const { name } = call.function
  const range = call.arguments.find(isRange)
  const compute = RANGE_FUNCTIONS.get(name)
  if (range === undefined || compute === undefined) throw new QueryError(`unknown function over a range: ${name}`)
  const scalars = call.arguments.filter((argument) => argument !== range).map((one) => evaluation.scalar(one))
  const source = sourceOf(evaluation, range, name, subquery)
  checkExtension(name, source.extension)
  // As in Prometheus, the position of a subquery is no longer known when its function is called.
  const ranges = call.arguments.map((one) => (one.kind === 'subquery' ? { start: 0, end: 0 } : rangeOf(one)))
  const apply = new RangeCall(evaluation, source, { compute, name, scalars, ranges })
  const result = apply.all()
  if (name === 'absent_over_time') return absentOverTime(evaluation, range, result)
  return evaluation.options.delayedNameRemoval ? result : mergeSameLabels(result)
}

function isRange(expression: Expression): expression is MatrixSelector | Subquery {
  return expression.kind === 'matrixSelector' || expression.kind === 'subquery'
}

function checkExtension(name: string, extension: 'anchored' | 'smoothed' | undefined): void {
  const allowed: readonly string[] = extension === undefined ? [name] : EXTENDED_FUNCTIONS[extension]
  if (allowed.includes(name)) return
  throw new QueryError(`${extension} modifier can only be used with: ${allowed.join(', ')} - not with ${name}`)
}

/** How far before and after its range a selector also reads. */
function reachOf({ extension }: VectorSelector, lookbackMs: number): { before: number; after: number } {
  if (extension === undefined) return { before: 0, after: 0 }
  return { before: lookbackMs, after: extension === 'smoothed' ? lookbackMs : 0 }
}

function sourceOf(
  evaluation: Evaluation,
  range: MatrixSelector | Subquery,
  name: string,
  subquery: EvaluateSubquery,
): Source {
  if (range.kind === 'subquery') {
    const { series, counts } = subquery(range)
    const durationMs = Math.trunc(range.duration)
    const { startMs, stepMs, steps } = evaluation
    const offsetMs = Math.trunc(range.offset)
    evaluation.counts.addSubquery(counts, { startMs, stepMs, steps, offsetMs, rangeMs: durationMs, atMs: range.at })
    return { series, fromSubquery: true, shift: range, durationMs }
  }
  const { selector } = range
  const durationMs = Math.trunc(range.duration)
  const withStarts = evaluation.options.useStartTimestamps && WITH_STARTS.has(name)
  const series = rangeSeries(selectRange(evaluation, range), withStarts)
  const { extension } = selector
  return { series, fromSubquery: false, shift: selector, durationMs, ...(extension && { extension }) }
}

function* rangeSeries(found: Iterable<SeriesSamples>, withStarts: boolean): Generator<RangeSeries> {
  for (const samples of found) yield toRangeSeries(samples, withStarts)
}

/** The samples that a range selector may read. */
export function selectRange(evaluation: Evaluation, { selector, duration }: MatrixSelector) {
  const reach = reachOf(selector, evaluation.options.lookbackMs)
  return evaluation.samples(selector, {
    startMs: shiftedTime(evaluation.startMs, selector) - Math.trunc(duration) - reach.before + 1,
    endMs: shiftedTime(evaluation.endMs, selector) + reach.after,
  })
}

interface Application {
  readonly compute: RangeFunction
  readonly name: string
  readonly scalars: readonly Float64Array[]
  readonly ranges: readonly Range[]
}

class RangeCall {
  readonly #evaluation: Evaluation
  readonly #source: Source
  readonly #application: Application

  constructor(evaluation: Evaluation, source: Source, application: Application) {
    this.#evaluation = evaluation
    this.#source = source
    this.#application = application
  }

  all(): StepSeries[] {
    const { budget } = this.#evaluation
    const result: StepSeries[] = []
    let loaded = 0
    for (const series of this.#source.series) {
      const computed = this.#one(series)
      if (computed === undefined) continue
      const size = computed.samples
      budget.load(size)
      loaded += size
      this.#addNonCounterInfo(series, computed)
      result.push(computed)
    }
    // The evaluation adds the samples of its result later.
    budget.load(-loaded)
    return result
  }

  #one(series: RangeSeries): StepSeries | undefined {
    const { budget, steps } = this.#evaluation
    let loaded = 0
    const dropName = series.dropName || !KEEP_NAME.has(this.#application.name)
    const isDropped = dropName && !this.#evaluation.options.delayedNameRemoval
    const result = new StepSeries(isDropped ? series.labels.withoutMetadata() : series.labels, steps, dropName)
    const window = this.#window(series)
    for (let step = 0; step < steps; step++) {
      const value = this.#at(window, step)
      const length = window.floats.length + window.histograms.length
      budget.checkTime(1 + length)
      if (length > loaded) {
        budget.load(length - loaded)
        loaded = length
      }
      if (!this.#source.fromSubquery) this.#count(window, step)
      if (value !== undefined) result.set(step, value)
    }
    budget.load(-loaded)
    return result.isEmpty ? undefined : result
  }

  #count({ floats, histograms }: RangeWindow, step: number): void {
    const total = floats.length + sizeOf(histograms, 0)
    const fresh = floats.fresh + sizeOf(histograms, histograms.length - histograms.fresh)
    this.#evaluation.counts.read(step, total, fresh)
  }

  #window(series: RangeSeries): Mutable<RangeWindow> {
    const { annotations, options } = this.#evaluation
    const { durationMs, extension } = this.#source
    return {
      ...windowsOf(series),
      startMs: 0,
      endMs: 0,
      timeMs: 0,
      seconds: Math.trunc(durationMs / 1000) + (durationMs % 1000) / 1000,
      lookbackMs: options.lookbackMs,
      scalars: [],
      annotations,
      ranges: this.#application.ranges,
      ...(extension && { extension }),
    }
  }

  #at(window: Mutable<RangeWindow>, step: number): number | FloatHistogram | undefined {
    const { startMs, stepMs } = this.#evaluation
    const { shift, durationMs, extension } = this.#source
    const { compute, scalars } = this.#application
    window.timeMs = startMs + step * stepMs
    window.endMs = shiftedTime(window.timeMs, shift)
    window.startMs = window.endMs - durationMs
    const before = extension === undefined ? 0 : window.lookbackMs
    const after = extension === 'smoothed' ? window.lookbackMs : 0
    window.floats.moveTo(window.startMs - before, window.endMs + after)
    window.histograms.moveTo(window.startMs - before, window.endMs + after)
    if (window.floats.length + window.histograms.length === 0) return undefined
    if (scalars.length > 0) window.scalars = scalars.map((values) => values[step] ?? Number.NaN)
    return compute(window)
  }

  #addNonCounterInfo({ labels }: RangeSeries, computed: StepSeries): void {
    const { name, ranges } = this.#application
    if (name !== 'rate' && name !== 'increase') return
    const metric = labels.get(METRIC_NAME)
    if (metric === '' || computed.kinds.every((kind) => kind !== 1)) return
    const { annotations, options } = this.#evaluation
    const range = ranges[0] ?? { start: 0, end: 0 }
    if (options.typeAndUnitLabels) {
      const type = labels.get('__type__')
      if (type === 'counter' || type === 'histogram') return
      const wanted = 'metric might not be a counter, __type__ label is not set to "counter" or "histogram"'
      annotations.inform(`${wanted}, got ${quote(type)}: ${quote(metric)}`, range)
    } else if (!/_(?:total|sum|count|bucket)$/.test(metric)) {
      const text = 'metric might not be a counter, name does not end in _total/_sum/_count/_bucket:'
      annotations.inform(`${text} ${quote(metric)}`, range)
    }
  }
}

/** How many samples the histograms of a window count as, starting at an index. */
function sizeOf(histograms: PointWindow<FloatHistogram>, from: number): number {
  let size = 0
  for (let i = from; i < histograms.length; i++) size += sizeInSamples(histograms.value(i))
  return size
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** One series, with a 1 at each step where no other series has a value. */
function absentOverTime(evaluation: Evaluation, range: MatrixSelector | Subquery, found: readonly StepSeries[]) {
  const series = new StepSeries(absentLabels(range), evaluation.steps, true)
  for (let step = 0; step < evaluation.steps; step++) {
    if (found.every(({ kinds }) => kinds[step] === NOTHING)) series.setFloat(step, 1)
  }
  return series.isEmpty ? [] : [series]
}
