import { fieldMessage } from '../../api/rpc-error.ts'
import { int64ToNumber } from '../../protos/int64.ts'
import { bucketCountOf } from '../model/bucket-layout.ts'
import type { BucketOptionsMessage, DistributionMessage } from '../model/messages.ts'

const MAX_BUCKETS = 200

/**
 * The API's error message for a distribution that is invalid by google/api/distribution.proto; undefined if it is
 * valid. `field` is its path, such as `timeSeries[0].points[0].distributionValue`.
 */
export function checkDistribution(distribution: DistributionMessage, field: string): string | undefined {
  const reason = countProblem(distribution) ?? bucketProblem(distribution) ?? exemplarProblem(distribution)
  return reason === undefined ? undefined : fieldMessage(field, undefined, reason)
}

function countProblem(distribution: DistributionMessage): string | undefined {
  const count = int64ToNumber(distribution.count)
  const { mean, sumOfSquaredDeviation, range } = distribution
  if (count < 0) return `Distribution |count| must not be negative, but is ${count}.`
  if (!Number.isFinite(mean)) return `Distribution |mean| must be finite, but is ${mean}.`
  if (!(sumOfSquaredDeviation >= 0) || sumOfSquaredDeviation === Number.POSITIVE_INFINITY) {
    return `Distribution |sum_of_squared_deviation| must be finite and not negative, but is ${sumOfSquaredDeviation}.`
  }
  if (count === 0) {
    if (mean !== 0) return `Distribution |mean| must be zero if |count| is zero, but is ${mean}.`
    if (sumOfSquaredDeviation !== 0) {
      return `Distribution |sum_of_squared_deviation| must be zero if |count| is zero, but is ${sumOfSquaredDeviation}.`
    }
    if (range) return 'Distribution |range| must not be set if |count| is zero.'
  }
  if (range && !(range.min <= range.max))
    return `Distribution |range.min| (${range.min}) must not be above |range.max| (${range.max}).`
  return undefined
}

function bucketProblem(distribution: DistributionMessage): string | undefined {
  const { bucketOptions, bucketCounts } = distribution
  if (!bucketOptions) {
    return bucketCounts.length > 0 ? 'Distribution has |bucket_counts| but no |bucket_options|.' : undefined
  }
  const problem = optionsProblem(bucketOptions)
  if (problem !== undefined) return problem
  const buckets = bucketCountOf(bucketOptions)
  if (buckets > MAX_BUCKETS)
    return `Distribution has ${buckets} buckets, which is more than the ${MAX_BUCKETS} allowed.`
  if (bucketCounts.length > buckets) {
    return `Distribution value has ${bucketCounts.length} |bucket_counts| fields, which is more than the ${buckets} buckets allowed by the bucketing options.`
  }
  let sum = 0
  for (const [index, bucketCount] of bucketCounts.entries()) {
    const value = int64ToNumber(bucketCount)
    if (value < 0) return `Distribution |bucket_counts[${index}]| must not be negative, but is ${value}.`
    sum += value
  }
  const count = int64ToNumber(distribution.count)
  if (sum !== count) return `Distribution |count| (${count}) is not the sum of |bucket_counts| (${sum}).`
  return undefined
}

function optionsProblem(options: BucketOptionsMessage): string | undefined {
  const { linearBuckets, exponentialBuckets, explicitBuckets } = options
  if (linearBuckets) {
    if (linearBuckets.numFiniteBuckets < 1)
      return 'Distribution |linear_buckets.num_finite_buckets| must be greater than 0.'
    if (!(linearBuckets.width > 0))
      return `Distribution |linear_buckets.width| must be greater than 0, but is ${linearBuckets.width}.`
    if (!Number.isFinite(linearBuckets.offset)) return 'Distribution |linear_buckets.offset| must be finite.'
    const { numFiniteBuckets, width, offset } = linearBuckets
    return boundsProblem('linear_buckets', offset + width * numFiniteBuckets, offset + width * (numFiniteBuckets - 1))
  }
  if (exponentialBuckets) {
    const { numFiniteBuckets, growthFactor, scale } = exponentialBuckets
    if (numFiniteBuckets < 1) return 'Distribution |exponential_buckets.num_finite_buckets| must be greater than 0.'
    if (!(growthFactor > 1))
      return `Distribution |exponential_buckets.growth_factor| must be greater than 1, but is ${growthFactor}.`
    if (!(scale > 0)) return `Distribution |exponential_buckets.scale| must be greater than 0, but is ${scale}.`
    const before = scale * growthFactor ** (numFiniteBuckets - 1)
    return boundsProblem('exponential_buckets', scale * growthFactor ** numFiniteBuckets, before)
  }
  if (!explicitBuckets) return 'Distribution |bucket_options| has no options set.'
  const { bounds } = explicitBuckets
  if (bounds.length < 1) return 'Distribution |explicit_buckets.bounds| does not have at least one entry.'
  for (const [index, bound] of bounds.entries()) {
    if (!Number.isFinite(bound))
      return `Distribution |explicit_buckets.bounds[${index}]| must be finite, but is ${bound}.`
    const previous = bounds[index - 1]
    if (previous !== undefined && bound <= previous) {
      return `Distribution |explicit_buckets.bounds| must be strictly increasing, but bounds[${index}] (${bound}) is not above bounds[${index - 1}] (${previous}).`
    }
  }
  return undefined
}

/** The last two bounds suffice: the distance between bounds never decreases. */
function boundsProblem(field: string, last: number, before: number): string | undefined {
  if (!Number.isFinite(last)) return `Distribution |${field}| must have finite bounds, but the last one is ${last}.`
  return last > before ? undefined : `Distribution |${field}| must have increasing bounds, but two of them are ${last}.`
}

function exemplarProblem(distribution: DistributionMessage): string | undefined {
  const index = (distribution.exemplars ?? []).findIndex((exemplar) => !Number.isFinite(exemplar.value))
  return index < 0 ? undefined : `Distribution |exemplars[${index}].value| must be finite.`
}
