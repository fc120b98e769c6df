import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { bucketLayout } from '../model/bucket-layout.ts'
import type { BucketOptionsMessage, DistributionMessage } from '../model/messages.ts'
import { checkDistribution } from './check-distribution.ts'

const FIELD = 'timeSeries[3].points[0].distributionValue'

function distribution(changes: Partial<DistributionMessage> = {}): DistributionMessage {
  return {
    count: 3,
    mean: 1,
    sumOfSquaredDeviation: 2,
    bucketOptions: { explicitBuckets: { bounds: [0.5, 1.5] } },
    bucketCounts: [1, 1, 1],
    ...changes,
  }
}

const empty = { count: 0, mean: 0, sumOfSquaredDeviation: 0, bucketCounts: [] }
const linear = (numFiniteBuckets: number, width: number, offset = 0): BucketOptionsMessage => ({
  linearBuckets: { numFiniteBuckets, width, offset },
})
const exponential = (numFiniteBuckets: number, growthFactor: number, scale: number): BucketOptionsMessage => ({
  exponentialBuckets: { numFiniteBuckets, growthFactor, scale },
})
const explicit = (...bounds: number[]): BucketOptionsMessage => ({ explicitBuckets: { bounds } })

describe('valid distributions', () => {
  const cases: [string, Partial<DistributionMessage>][] = [
    ['three buckets', {}],
    ['omitted trailing buckets', { bucketCounts: [3] }],
    ['nothing counted', empty],
    ['no buckets at all', { bucketOptions: null, bucketCounts: [] }],
    ['one bound', { bucketOptions: explicit(1), bucketCounts: [1, 2] }],
    ['linear', { bucketOptions: linear(1, 2), bucketCounts: [1, 1, 1] }],
    ['exponential', { bucketOptions: exponential(1, 2, 1), bucketCounts: [0, 0, 3] }],
    [
      '200 buckets',
      { bucketOptions: explicit(...Array.from({ length: 199 }, (_, index) => index)), bucketCounts: [3] },
    ],
    ['a range', { range: { min: 0, max: 2 } }],
  ]
  for (const [what, changes] of cases)
    test(what, () => assert.equal(checkDistribution(distribution(changes), FIELD), undefined))
})

describe('invalid distributions', () => {
  const cases: [string, Partial<DistributionMessage>, string][] = [
    ['a negative count', { count: -1 }, 'Distribution |count| must not be negative, but is -1.'],
    ['a mean that is not a number', { mean: Number.NaN }, 'Distribution |mean| must be finite, but is NaN.'],
    [
      'a negative deviation',
      { sumOfSquaredDeviation: -1 },
      'Distribution |sum_of_squared_deviation| must be finite and not negative, but is -1.',
    ],
    ['a mean of nothing', { ...empty, mean: 1 }, 'Distribution |mean| must be zero if |count| is zero, but is 1.'],
    [
      'a deviation of nothing',
      { ...empty, sumOfSquaredDeviation: 1 },
      'Distribution |sum_of_squared_deviation| must be zero if |count| is zero, but is 1.',
    ],
    [
      'a range of nothing',
      { ...empty, range: { min: 0, max: 1 } },
      'Distribution |range| must not be set if |count| is zero.',
    ],
    [
      'a range with min above max',
      { range: { min: 2, max: 1 } },
      'Distribution |range.min| (2) must not be above |range.max| (1).',
    ],
    ['counts without options', { bucketOptions: null }, 'Distribution has |bucket_counts| but no |bucket_options|.'],
    ['empty options', { bucketOptions: {} }, 'Distribution |bucket_options| has no options set.'],
    [
      'no bounds',
      { bucketOptions: explicit() },
      'Distribution |explicit_buckets.bounds| does not have at least one entry.',
    ],
    [
      'equal bounds',
      { bucketOptions: explicit(1, 1) },
      'Distribution |explicit_buckets.bounds| must be strictly increasing, but bounds[1] (1) is not above bounds[0] (1).',
    ],
    [
      'an infinite bound',
      { bucketOptions: explicit(1, Number.POSITIVE_INFINITY) },
      'Distribution |explicit_buckets.bounds[1]| must be finite, but is Infinity.',
    ],
    [
      'more counts than buckets',
      {
        count: 15,
        bucketOptions: explicit(...Array.from({ length: 13 }, (_, index) => index)),
        bucketCounts: Array.from({ length: 15 }, () => 1),
      },
      'Distribution value has 15 |bucket_counts| fields, which is more than the 14 buckets allowed by the bucketing options.',
    ],
    [
      'a count that differs from the sum',
      { count: 4 },
      'Distribution |count| (4) is not the sum of |bucket_counts| (3).',
    ],
    [
      'no counts where something was counted',
      { bucketCounts: [] },
      'Distribution |count| (3) is not the sum of |bucket_counts| (0).',
    ],
    [
      'a negative bucket',
      { bucketCounts: [4, -1] },
      'Distribution |bucket_counts[1]| must not be negative, but is -1.',
    ],
    [
      '201 buckets',
      { bucketOptions: explicit(...Array.from({ length: 200 }, (_, index) => index)) },
      'Distribution has 201 buckets, which is more than the 200 allowed.',
    ],
    [
      'no linear buckets',
      { bucketOptions: linear(0, 1) },
      'Distribution |linear_buckets.num_finite_buckets| must be greater than 0.',
    ],
    [
      'a linear width of 0',
      { bucketOptions: linear(1, 0) },
      'Distribution |linear_buckets.width| must be greater than 0, but is 0.',
    ],
    [
      'an infinite width',
      { bucketOptions: linear(1, Number.POSITIVE_INFINITY) },
      'Distribution |linear_buckets| must have finite bounds, but the last one is Infinity.',
    ],
    [
      'a width that is lost in rounding',
      { bucketOptions: linear(1, 1, 1e300) },
      'Distribution |linear_buckets| must have increasing bounds, but two of them are 1e+300.',
    ],
    [
      'a growth beyond all numbers',
      { bucketOptions: exponential(150, 1000, 1) },
      'Distribution |exponential_buckets| must have finite bounds, but the last one is Infinity.',
    ],
    [
      'a growth of 1',
      { bucketOptions: exponential(1, 1, 1) },
      'Distribution |exponential_buckets.growth_factor| must be greater than 1, but is 1.',
    ],
    [
      'a scale of 0',
      { bucketOptions: exponential(1, 2, 0) },
      'Distribution |exponential_buckets.scale| must be greater than 0, but is 0.',
    ],
    [
      'no exponential buckets',
      { bucketOptions: exponential(0, 2, 1) },
      'Distribution |exponential_buckets.num_finite_buckets| must be greater than 0.',
    ],
    [
      'an exemplar that is not a number',
      { exemplars: [{ value: 1 }, { value: Number.NaN }] },
      'Distribution |exemplars[1].value| must be finite.',
    ],
  ]
  for (const [what, changes, message] of cases) {
    test(what, () =>
      assert.equal(checkDistribution(distribution(changes), FIELD), `Field ${FIELD} had an invalid value: ${message}`),
    )
  }
})

test('layouts: bounds of linear, exponential and explicit buckets', () => {
  assert.deepEqual(bucketLayout(linear(3, 10, 5)).bounds, [5, 15, 25, 35])
  assert.equal(bucketLayout(linear(3, 10, 5)).buckets, 5)
  assert.deepEqual(bucketLayout(exponential(3, 2, 1)).bounds, [1, 2, 4, 8])
  assert.deepEqual(bucketLayout(explicit(1, 2)).bounds, [1, 2])
  assert.equal(bucketLayout(explicit(1, 2)).buckets, 3)
  assert.equal(bucketLayout({}).buckets, 0)
})
