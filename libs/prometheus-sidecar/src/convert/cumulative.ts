import type { DropReason } from './drop-reason.ts'

/** What conversion knows of a cumulative series from its samples so far. NaN: none yet. */
export interface CumulativeCursor {
  /** Start of the running interval. */
  readonly startMs: number
  /** The raw value at the start, taken off every later one. */
  readonly resetValue: number
  readonly lastMs: number
  readonly lastValue: number
}

/** The newest interval that was written to the time series. NaN: none. */
export interface WrittenInterval {
  readonly startMs: number
  readonly endMs: number
}

/** What becomes of a sample: the interval it belongs to, and why it gives no point, if it does not. */
export interface CumulativeStep {
  readonly startMs: number
  readonly resetValue: number
  readonly drop: DropReason | undefined
}

/**
 * Places a sample of a counter (or a summary's or histogram's count) in its interval. The first sample is only a baseline, unless the target told when
 * the series began (`createdMs`). A value below the last one, or `restarted`, means a reset: a new interval begins when the target says so,
 * else one millisecond before the sample.
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
 * Whether an interval can follow the newest one of its time series: the same start and a later end, or a start after that end, and far
 * enough from it. A gauge's start is NaN.
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
  return endMs - written.endMs < minSamplingPeriodMs ? 'too_frequent' : undefined
}
