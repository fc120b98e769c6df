import type { Distribution, DistributionExemplar } from '../model/time-series.ts'
import { LIMITS } from './conversion-rules.ts'
import { type CumulativeCursor, stepCumulative, type WrittenInterval } from './cumulative.ts'
import { buildDistribution, CumulativeBuckets } from './distribution.ts'
import type { DropReason } from './drop-reason.ts'

/** The role of a series in its histogram. */
export interface HistogramPart {
  readonly role: 'bucket' | 'sum' | 'count'
  /** Upper bound of a bucket (`le`); NaN for sum and count. */
  readonly bound: number
}

const ROLES = ['bucket', 'count', 'sum'] as const satisfies readonly HistogramPart['role'][]

/** The order of parts: buckets by their bounds, count, sum. */
export function compareParts(a: HistogramPart, b: HistogramPart): number {
  if (a.role === 'bucket' && b.role === 'bucket') return a.bound - b.bound
  return ROLES.indexOf(a.role) - ROLES.indexOf(b.role)
}

/** One part's sample, with what is known about its series. */
export interface HistogramSample extends HistogramPart, CumulativeCursor {
  readonly value: number
}

/** What a histogram becomes at one timestamp. */
export interface HistogramStep {
  readonly startMs: number
  /** What is subtracted from each part from now on: its present value, nothing, or the same as before. */
  readonly baseline: 'value' | 'zero' | 'kept'
  readonly result: Distribution | DropReason
}

/** When a histogram was scraped, and the start that the target reports for it. */
export interface HistogramTime {
  readonly timestampMs: number
  readonly createdMs: number
  readonly restarted: boolean
}

/**
 * Converts the parts of a histogram at one timestamp into a distribution. They are treated as a unit: if the count or a
 * bucket falls, all parts are reset, and a new bucket makes a new baseline for all. If no part fell but the buckets
 * contradict the current interval, the target restarted and had counted past its old values by the time it was scraped:
 * that is a reset too.
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
  if (count === undefined || sum === undefined) {
    return { startMs: count?.startMs ?? Number.NaN, baseline: 'kept', result: 'histogram_incomplete' }
  }
  const restarted = time.restarted || countFell(samples) || (sum.value < sum.lastValue && increasedUnevenly(samples))
  const rest = [written, time, exemplars, minSamplingPeriodMs] as const
  const step = placeHistogram(samples, count, restarted, ...rest)
  if (step.result !== 'histogram_inconsistent' || step.baseline !== 'kept') return step
  const baseline = placeHistogram(samples, count, true, ...rest)
  return baseline.result === 'histogram_inconsistent' ? step : baseline
}

function countFell(samples: readonly HistogramSample[]): boolean {
  for (const { role, value, lastValue } of samples) if (value < lastValue && role !== 'sum') return true
  return false
}

/**
 * Whether a bucket gained more than one with a higher bound, which also happens if a scrape reads them one after
 * another. A sum may also fall because of negative observations. Only a restart explains both at once: the target had
 * counted past all its old counts by the time it was scraped.
 */
function increasedUnevenly(samples: readonly HistogramSample[]): boolean {
  const gains = samples
    .filter(({ role }) => role === 'bucket')
    .sort((a, b) => a.bound - b.bound)
    .map(({ value, lastValue }) => value - lastValue)
  return gains.some((gain, index) => gain < (gains[index - 1] ?? gain))
}

function placeHistogram(
  samples: readonly HistogramSample[],
  count: HistogramSample,
  restarted: boolean,
  written: WrittenInterval,
  { timestampMs, createdMs }: HistogramTime,
  exemplars: readonly DistributionExemplar[],
  minSamplingPeriodMs: number,
): HistogramStep {
  const joined = !restarted && samples.some(({ startMs }) => Number.isNaN(startMs))
  const begun = joined ? { ...count, startMs: Number.NaN } : count
  const sample = { timestampMs, createdMs, restarted, value: count.value }
  const step = stepCumulative(begun, written, sample, minSamplingPeriodMs)
  const baseline = step.drop === 'first_sample' ? 'value' : step.startMs !== count.startMs ? 'zero' : 'kept'
  if (step.drop !== undefined) return { startMs: step.startMs, baseline, result: step.drop }
  return { startMs: step.startMs, baseline, result: distributionIn(samples, baseline === 'zero', exemplars) }
}

function distributionIn(
  samples: readonly HistogramSample[],
  restarted: boolean,
  exemplars: readonly DistributionExemplar[],
): Distribution | DropReason {
  const buckets = new CumulativeBuckets()
  let count = Number.NaN
  let sum = Number.NaN
  for (const { role, bound, value, resetValue } of samples) {
    const increase = restarted ? value : value - resetValue
    if (role === 'bucket') buckets.add(bound, increase)
    else if (role === 'count') count = increase
    else sum = increase
  }
  if (buckets.bounds.length > LIMITS.buckets) return 'too_many_buckets'
  return buildDistribution(buckets, count, sum, exemplars) ?? 'histogram_inconsistent'
}

/**
 * Builds a distribution from how much each part of a histogram increased; undefined if the parts contradict each other.
 */
export function distributionOf(
  parts: Iterable<HistogramPart & { readonly increase: number }>,
  exemplars: readonly DistributionExemplar[],
): Distribution | undefined {
  const buckets = new CumulativeBuckets()
  let count = Number.NaN
  let sum = Number.NaN
  for (const { role, bound, increase } of parts) {
    if (role === 'bucket') buckets.add(bound, increase)
    else if (role === 'count') count = increase
    else sum = increase
  }
  return buildDistribution(buckets, count, sum, exemplars)
}
