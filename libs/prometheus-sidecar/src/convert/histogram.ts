import type { Distribution, DistributionExemplar } from '../time-series.ts'
import { LIMITS } from './conversion-rules.ts'
import { type CumulativeCursor, stepCumulative, type WrittenInterval } from './cumulative.ts'
import { buildDistribution } from './distribution.ts'
import type { DropReason } from './drop-reason.ts'

/** One series' sample at the time of a histogram, with what is known of the series. */
export interface HistogramSample {
  readonly role: 'bucket' | 'sum' | 'count'
  /** NaN for sum and count. */
  readonly bound: number
  readonly value: number
  readonly cursor: CumulativeCursor
}

/** What becomes of a histogram at one time. */
export interface HistogramStep {
  readonly startMs: number
  /** The new baseline of every part: its value now, none (0), or the one it had. */
  readonly baseline: 'value' | 'zero' | 'kept'
  readonly result: Distribution | DropReason
}

/** When a histogram was scraped, and what the target says of its start. */
export interface HistogramTime {
  readonly timestampMs: number
  readonly createdMs: number
  readonly restarted: boolean
}

/**
 * Makes a distribution of the parts that a histogram has at one time. It is one unit: a fall of its count or of a bucket resets all
 * parts, and a bucket that was not there before makes a new baseline of all. Where no part fell, and the buckets yet contradict the interval so
 * far, the target was restarted and had counted past its old values when it was scraped: a reset too.
 */
export function convertHistogram(
  samples: readonly HistogramSample[],
  written: WrittenInterval,
  time: HistogramTime,
  exemplars: readonly DistributionExemplar[],
  minSamplingPeriodMs: number,
): HistogramStep {
  const count = samples.find(({ role }) => role === 'count')
  const sum = samples.find(({ role }) => role === 'sum')
  const cursor = count?.cursor
  if (count === undefined || sum === undefined || cursor === undefined) {
    return { startMs: cursor?.startMs ?? Number.NaN, baseline: 'kept', result: 'histogram_incomplete' }
  }
  const fell = samples.some(({ role, value, cursor }) => role !== 'sum' && value < cursor.lastValue)
  const place = (restarted: boolean) =>
    placeHistogram(samples, { count, sum }, written, { ...time, restarted }, exemplars, minSamplingPeriodMs)
  const step = place(fell || time.restarted)
  if (step.result !== 'histogram_inconsistent' || step.baseline !== 'kept') return step
  const anew = place(true)
  return anew.result === 'histogram_inconsistent' ? step : anew
}

function placeHistogram(
  samples: readonly HistogramSample[],
  { count, sum }: { readonly count: HistogramSample; readonly sum: HistogramSample },
  written: WrittenInterval,
  time: HistogramTime,
  exemplars: readonly DistributionExemplar[],
  minSamplingPeriodMs: number,
): HistogramStep {
  const { cursor } = count
  const joined = !time.restarted && samples.some(({ cursor }) => Number.isNaN(cursor.startMs))
  const begun = joined ? { ...cursor, startMs: Number.NaN } : cursor
  const step = stepCumulative(begun, written, { ...time, value: count.value }, minSamplingPeriodMs)
  const baseline = step.drop === 'first_sample' ? 'value' : step.startMs !== cursor.startMs ? 'zero' : 'kept'
  if (step.drop !== undefined) return { startMs: step.startMs, baseline, result: step.drop }

  const since = (sample: HistogramSample) => sample.value - (baseline === 'zero' ? 0 : sample.cursor.resetValue)
  const buckets = samples
    .filter(({ role }) => role === 'bucket')
    .map((sample) => ({ bound: sample.bound, cumulativeCount: since(sample) }))
  if (buckets.length > LIMITS.buckets) return { startMs: step.startMs, baseline, result: 'too_many_buckets' }
  const distribution = buildDistribution(buckets, since(count), since(sum), exemplars)
  return { startMs: step.startMs, baseline, result: distribution ?? 'histogram_inconsistent' }
}
