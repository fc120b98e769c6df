import type { DropReason } from './drop-reason.ts'

/** What the samples so far say about a cumulative series; NaN where nothing is known yet. */
export interface CumulativeCursor {
  /** Start of the current interval. */
  readonly startMs: number
  /** The raw value at the start, subtracted from each later one. */
  readonly resetValue: number
  readonly lastMs: number
  readonly lastValue: number
}

/** The newest interval written to the time series; NaN before the first. */
export interface WrittenInterval {
  readonly startMs: number
  readonly endMs: number
  /** At most one point is written per period of this length; 0: no limit. */
  readonly periodMs?: number
}

/** The interval that a sample belongs to, and the reason if it yields no point. */
export interface CumulativeStep {
  readonly startMs: number
  readonly resetValue: number
  readonly drop: DropReason | undefined
}

/**
 * Places a sample of a counter (or of the count of a summary or histogram) in its interval. The first sample is only a
 * baseline, unless the target reported when the series started (`createdMs`). A value below the last one, or
 * `restarted`, means a reset: a new interval starts at the time the target reports, or else one millisecond before the
 * sample.
 */
export function stepCumulative(
  cursor: CumulativeCursor,
  written: WrittenInterval,
  sample: {
    readonly timestampMs: number
    readonly value: number
    readonly createdMs: number
    readonly restarted: boolean
  },
  minSamplingPeriodMs: number,
): CumulativeStep {
  const { timestampMs, value, createdMs } = sample
  const startKnown = createdMs < timestampMs && !(createdMs <= written.endMs)
  if (Number.isNaN(cursor.startMs)) {
    if (!startKnown) return { startMs: timestampMs, resetValue: value, drop: 'first_sample' }
    return check({ startMs: createdMs, resetValue: 0 }, written, timestampMs, minSamplingPeriodMs)
  }
  if (value < cursor.lastValue || sample.restarted) {
    const startMs = startKnown && createdMs > cursor.lastMs ? createdMs : timestampMs - 1
    return check({ startMs, resetValue: 0 }, written, timestampMs, minSamplingPeriodMs)
  }
  return check(cursor, written, timestampMs, minSamplingPeriodMs)
}

function check(
  { startMs, resetValue }: { readonly startMs: number; readonly resetValue: number },
  written: WrittenInterval,
  endMs: number,
  minSamplingPeriodMs: number,
): CumulativeStep {
  return { startMs, resetValue, drop: refuseInterval(startMs, endMs, written, minSamplingPeriodMs) }
}

/**
 * Why an interval can't follow the newest one of its time series; undefined if it can. It can if it has the same start
 * and a later end, or starts after that end, and if the ends are far enough apart and not in the same period of a
 * thinned series. The start of a gauge is NaN.
 */
export function refuseInterval(
  startMs: number,
  endMs: number,
  written: WrittenInterval,
  minSamplingPeriodMs: number,
): DropReason | undefined {
  if (Number.isNaN(written.endMs)) return undefined
  const follows =
    endMs > written.endMs && (Number.isNaN(startMs) || startMs === written.startMs || startMs > written.endMs)
  if (!follows) return 'out_of_order'
  if (endMs - written.endMs < minSamplingPeriodMs) return 'too_frequent'
  const { periodMs = 0 } = written
  return periodMs > 0 && Math.floor(endMs / periodMs) === Math.floor(written.endMs / periodMs) ? 'thinned' : undefined
}
