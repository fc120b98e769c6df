import type { FloatHistogram } from '../histogram/float-histogram.ts'
import type { Labels } from '../labels/labels.ts'
import type { Matcher } from '../labels/matcher.ts'

/** The samples of one series, in ascending order of time, at most one for each time. */
export interface SeriesSamples {
  readonly labels: Labels
  /** In milliseconds since 1970. */
  readonly timestamps: ArrayLike<number>
  readonly values: ArrayLike<number>
  /** Native histograms, at the places of those samples that are one; their values have no meaning. */
  readonly histograms?: ArrayLike<FloatHistogram | undefined>
  /** Not zero for samples that say that the series has ended: staleness markers. */
  readonly stale?: ArrayLike<number>
  /** When counting began, in milliseconds since 1970; zero if that is not known. */
  readonly startTimestamps?: ArrayLike<number>
}

/** The time that samples are wanted of, both ends included, in milliseconds since 1970. */
export interface TimeWindow {
  readonly startMs: number
  readonly endMs: number
}

/**
 * Finds the series that all matchers match. What is outside the window may be left out. Series are taken one after the
 * other, so that a generator has to have the samples of one in memory only.
 */
export type SelectSeries = (matchers: readonly Matcher[], window: TimeWindow) => Iterable<SeriesSamples>
