import type { Evaluation } from '../evaluation/evaluation.ts'
import { QueryError } from '../evaluation/query-error.ts'
import { type Points, type RangeSeries, toRangeSeries } from '../evaluation/range-series.ts'
import { type PointWindow, windowsOf } from '../evaluation/range-window.ts'
import { shiftedTime } from '../evaluation/time-shift.ts'
import { extendedFloats } from '../functions/extended-rate.ts'
import { type FloatHistogram, sizeInSamples } from '../histogram/float-histogram.ts'
import type { MatrixSelector } from '../parse/ast.ts'
import { selectRange } from './range-call.ts'

/** The samples of a range selector, for a query that consists of nothing else. */
export function evaluateRangeSelector(evaluation: Evaluation, range: MatrixSelector): RangeSeries[] {
  const { extension } = range.selector
  const { lookbackMs, useStartTimestamps } = evaluation.options
  const durationMs = Math.trunc(range.duration)
  const endMs = shiftedTime(evaluation.startMs, range.selector)
  const startMs = endMs - durationMs
  const result: RangeSeries[] = []
  for (const samples of selectRange(evaluation, range)) {
    const series = toRangeSeries(samples, useStartTimestamps)
    const windows = windowsOf(series)
    const before = extension === undefined ? 0 : lookbackMs
    const after = extension === 'smoothed' ? lookbackMs : 0
    windows.floats.moveTo(startMs - before, endMs + after)
    windows.histograms.moveTo(startMs - before, endMs + after)
    evaluation.budget.load(windows.floats.length + windows.histograms.length)
    if (windows.floats.length + windows.histograms.length === 0) continue
    if (extension === undefined) {
      const [floats, histograms] = [pointsIn(windows.floats), pointsIn(windows.histograms)]
      const sizes = histograms.values.reduce((sum, one) => sum + sizeInSamples(one), 0)
      evaluation.counts.read(0, floats.times.length + sizes)
      result.push({ ...series, floats, histograms })
      continue
    }
    if (windows.histograms.length > 0) throw new QueryError(`${extension} modifier is not supported with histograms`)
    const window = { ...windows, startMs, endMs, seconds: durationMs / 1000, timeMs: evaluation.startMs, lookbackMs }
    const rest = { extension, scalars: [], annotations: evaluation.annotations, ranges: [] }
    const floats = extendedFloats({ ...window, ...rest })
    evaluation.counts.read(0, floats.times.length)
    if (floats.times.length > 0) result.push({ ...series, floats, histograms: noPoints() })
  }
  return result
}

function noPoints(): Points<FloatHistogram> {
  return { times: [], values: [] }
}

function pointsIn<T>({ times, values, from, to }: PointWindow<T>): Points<T> {
  return { times: times.slice(from, to), values: values.slice(from, to) }
}
