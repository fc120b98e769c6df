import type { FloatHistogram } from '../histogram/float-histogram.ts'
import type { Labels } from '../labels/labels.ts'
import type { Matcher } from '../labels/matcher.ts'

/** The samples of one series in ascending order of time, at most one per timestamp. */
export interface SeriesSamples {
  readonly labels: Labels
  /** In milliseconds since 1970. */
  readonly timestamps: ArrayLike<number>
  readonly values: ArrayLike<number>
  /** Native histograms at the indexes of histogram samples, whose `values` are ignored. */
  readonly histograms?: ArrayLike<FloatHistogram | undefined>
  /** Not zero for staleness markers. */
  readonly stale?: ArrayLike<number>
  /** Start timestamps in milliseconds since 1970; zero if not known. */
  readonly startTimestamps?: ArrayLike<number>
}

/** The time range of the samples to select, both ends included, in milliseconds since 1970. */
export interface TimeWindow {
  readonly startMs: number
  readonly endMs: number
}

/**
 * Finds the series that match all matchers. Samples outside the window may be omitted. Series are read one after
 * another, so that a generator needs only the samples of one series in memory.
 */
export type SelectSeries = (matchers: readonly Matcher[], window: TimeWindow) => Iterable<SeriesSamples>
