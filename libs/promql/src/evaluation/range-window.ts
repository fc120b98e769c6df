import type { FloatHistogram } from '../histogram/float-histogram.ts'
import type { Labels } from '../labels/labels.ts'
import { METRIC_NAME } from '../labels/labels.ts'
import type { Range } from '../text/position.ts'
import type { Annotations } from './annotations.ts'
import type { Points, RangeSeries } from './range-series.ts'

/** The points of a series that are in a range: from one index up to but excluding another. */
export class PointWindow<T> {
  readonly times: readonly number[]
  readonly values: readonly T[]
  readonly starts: readonly number[] | undefined
  from = 0
  to = 0
  /** How many of its last points were added by the last move. */
  fresh = 0

  constructor({ times, values, starts }: Points<T>) {
    this.times = times
    this.values = values
    this.starts = starts
  }

  /** Moves to the points after one time up to and including another; neither may decrease. */
  moveTo(after: number, until: number): void {
    const before = this.to
    while (this.to < this.times.length && (this.times[this.to] ?? 0) <= until) this.to += 1
    while (this.from < this.to && (this.times[this.from] ?? 0) <= after) this.from += 1
    this.fresh = this.to - Math.max(before, this.from)
  }

  get length(): number {
    return this.to - this.from
  }

  time(i: number): number {
    return this.times[this.from + i] ?? 0
  }

  /** The value at an index of the window, which must be within it. */
  value(i: number): T {
    const value = this.values[this.from + i]
    if (value === undefined) throw new RangeError(`${i} is not within a range of ${this.length} samples`)
    return value
  }

  /** The start timestamp, zero if it is not known. */
  start(i: number): number {
    return this.starts?.[this.from + i] ?? 0
  }
}

/** The input of a range function: the samples of one series in the range, and the position of the range. */
export interface RangeWindow {
  readonly labels: Labels
  readonly floats: PointWindow<number>
  readonly histograms: PointWindow<FloatHistogram>
  /** The range without what `anchored` and `smoothed` add; its start is exclusive. */
  readonly startMs: number
  readonly endMs: number
  /** The length of the range, as written in the query. */
  readonly seconds: number
  /** The evaluation time. */
  readonly timeMs: number
  readonly lookbackMs: number
  readonly extension?: 'anchored' | 'smoothed'
  /** The values of the other arguments. */
  readonly scalars: readonly number[]
  readonly annotations: Annotations
  /** The positions of the arguments in the query. */
  readonly ranges: readonly Range[]
}

/** A range function; returns undefined if there is no result. */
export type RangeFunction = (window: RangeWindow) => number | FloatHistogram | undefined

/** The metric's name, or the empty string. */
export function metricOf({ labels }: Pick<RangeWindow, 'labels'>): string {
  return labels.get(METRIC_NAME)
}

/** The position in the query of the first argument, or of the one at an index. */
export function rangeOfArgument({ ranges }: Pick<RangeWindow, 'ranges'>, index = 0): Range {
  return ranges[index] ?? { start: 0, end: 0 }
}

export function windowsOf(series: RangeSeries): Pick<RangeWindow, 'labels' | 'floats' | 'histograms'> {
  const { labels, floats, histograms } = series
  return { labels, floats: new PointWindow(floats), histograms: new PointWindow(histograms) }
}
