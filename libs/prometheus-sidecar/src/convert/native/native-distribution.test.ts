import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { nativeHistogram as histogram } from '../../../test/testing/native-histogram.ts'
import { seededRandom } from '../../../test/testing/seeded-random.ts'
import { CUSTOM_BUCKETS, type NativeBuckets, type NativeHistogram } from '../../model/native-histogram.ts'
import { upperBound, withLayout } from './bucket-layout.ts'
import { hasFallen, increaseSince } from './increase.ts'
import { nativeDistribution } from './native-distribution.ts'

const buckets = (...pairs: [index: number, count: number][]): NativeBuckets => ({
  indexes: pairs.map(([index]) => index),
  counts: pairs.map(([, count]) => count),
})
const distribution = (more: Partial<NativeHistogram>) => {
  const result = nativeDistribution(histogram(more), [])
  return typeof result === 'string' ? assert.fail(result) : result
}

describe('the bounds of a schema', () => {
  it('are the powers of its base, and exact for powers of two', () => {
    assert.deepEqual(
      [-1, 0, 1, 2].map((index) => upperBound(0, index)),
      [0.5, 1, 2, 4],
    )
    assert.deepEqual(
      [-1, 0, 1].map((index) => upperBound(-2, index)),
      [1 / 16, 1, 16],
    )
    assert.equal(upperBound(1, -3), 0.3535533905932738)
    assert.equal(upperBound(8, 256 * 1024), Number.POSITIVE_INFINITY)
    for (let schema = 1; schema <= 8; schema++) assert.equal(upperBound(schema, 3 * 2 ** schema), 8)
  })
})

describe('a distribution of a native histogram', () => {
  it('has exponential buckets, whose underflow is the zero bucket', () => {
    const { exponential, bucketCounts, bounds, count, mean } = distribution({
      schema: 1,
      sum: 12,
      zeroThreshold: 0.001,
      zeroCount: 1,
      positive: buckets([-2, 1], [1, 2]),
    })
    assert.deepEqual(exponential, { finiteBuckets: 4, growthFactor: Math.SQRT2, scale: 0.3535533905932738 })
    assert.deepEqual([bucketCounts, bounds, count, mean], [[1, 1, 0, 0, 2, 0], [], 4, 3])
  })

  it('has one bucket above the zero bucket if there are no observations, or only zeros', () => {
    assert.deepEqual(distribution({}).bucketCounts, [0, 0, 0])
    const { exponential, bucketCounts } = distribution({ zeroThreshold: 5, zeroCount: 3 })
    assert.deepEqual([exponential?.scale, bucketCounts], [8, [3, 0, 0]])
  })

  it('has a lower schema if it would have more than 200 buckets', () => {
    const { exponential, bucketCounts } = distribution({ schema: 8, positive: buckets([-1000, 1], [0, 2], [1000, 4]) })
    assert.equal(exponential?.growthFactor, 2 ** (2 ** -4))
    assert.ok(bucketCounts.length <= 200)
    assert.equal(
      bucketCounts.reduce((sum, count) => sum + count),
      7,
    )
    const widest = distribution({ schema: 8, positive: buckets([-274_000, 1], [262_000, 2]) })
    assert.ok(widest.bucketCounts.length <= 200)
  })

  it('has explicit bounds on both sides of the zero bucket if there are negative observations', () => {
    const { bounds, bucketCounts, exponential } = distribution({
      zeroThreshold: 0.25,
      zeroCount: 3,
      negative: buckets([-1, 2], [1, 1]),
      positive: buckets([-1, 4], [2, 5]),
    })
    assert.equal(exponential, undefined)
    assert.deepEqual(bounds, [-2, -1, -0.5, -0.25, 0.25, 0.5, 2, 4])
    assert.deepEqual(bucketCounts, [0, 1, 0, 2, 3, 4, 0, 5, 0])
  })

  it('has the bounds of custom buckets', () => {
    const custom = { schema: CUSTOM_BUCKETS, customBounds: [0.1, 1], positive: buckets([0, 1], [2, 3]) }
    assert.deepEqual(distribution({ ...custom, sum: 8 }).bounds, [0.1, 1])
    assert.deepEqual(distribution({ ...custom, sum: 8 }).bucketCounts, [1, 0, 3])
    const many = { ...custom, customBounds: Array.from({ length: 200 }, (_, index) => index) }
    assert.equal(nativeDistribution(histogram(many), []), 'too_many_buckets')
  })

  it('can’t have a mean that is not a number', () => {
    assert.equal(nativeDistribution(histogram({ sum: Number.NaN, zeroCount: 1 }), []), 'nan')
    const infinite = histogram({ sum: Number.POSITIVE_INFINITY, zeroCount: 1 })
    assert.equal(nativeDistribution(infinite, []), 'histogram_inconsistent')
  })

  it('counts each observation in the bucket that holds it, in any schema', () => {
    const random = seededRandom(5)
    for (let round = 0; round < 300; round++) {
      const schema = random.below(13) - 4
      const values = Array.from({ length: 1 + random.below(20) }, () => 2 ** (random.next() * 20 - 10))
      const counted = new Map<number, number>()
      for (const value of values) {
        let index = Math.ceil(Math.log2(value) * 2 ** schema)
        while (upperBound(schema, index) < value) index += 1
        while (upperBound(schema, index - 1) >= value) index -= 1
        counted.set(index, (counted.get(index) ?? 0) + 1)
      }
      const positive = buckets(...[...counted].sort(([a], [b]) => a - b))
      const { exponential, bucketCounts } = distribution({ schema, sum: 1, positive })
      if (exponential === undefined) assert.fail('its buckets are exponential')
      const boundOf = (bucket: number) => exponential.scale * exponential.growthFactor ** bucket
      for (const [bucket, count] of bucketCounts.entries()) {
        const [from, to] = [boundOf(bucket - 1) * (1 - 1e-9), boundOf(bucket) * (1 + 1e-9)]
        const inside = values.filter((value) => value > from && value <= to).length
        assert.ok(inside >= count, `${count} in bucket ${bucket} of schema ${schema}, but only ${inside} lie there`)
      }
    }
  })
})

describe('the increase of a native histogram', () => {
  it('is that of each bucket, in the layout of the later one', () => {
    const before = histogram({
      schema: 1,
      count: 5,
      sum: 5,
      zeroCount: 1,
      positive: buckets([-1, 1], [0, 1], [1, 1], [2, 1]),
    })
    const now = histogram({ count: 9, sum: 12, zeroCount: 2, positive: buckets([0, 3], [1, 4]) })
    const increase = increaseSince(before, now)
    assert.deepEqual(
      [increase?.count, increase?.sum, increase?.zeroCount, increase?.positive.counts],
      [4, 7, 1, [1, 2]],
    )
  })

  it('does not exist if a bucket fell, or would have to be split', () => {
    const before = histogram({ count: 2, positive: buckets([0, 2]) })
    const cases: [string, Partial<NativeHistogram>][] = [
      ['a bucket fell', { positive: buckets([0, 1], [1, 5]) }],
      ['a bucket is gone', { positive: buckets([1, 9]) }],
      ['all are gone', { zeroCount: 9 }],
      ['the schema rose', { schema: 1, positive: buckets([0, 9]) }],
      ['a bucket is partly in the zero bucket', { zeroThreshold: 0.75, positive: buckets([1, 9]) }],
      ['its buckets are custom', { schema: CUSTOM_BUCKETS, positive: buckets([0, 9]) }],
    ]
    for (const [title, now] of cases) {
      const later = histogram({ count: 9, ...now })
      assert.equal(increaseSince(before, later), undefined, title)
      assert.ok(hasFallen(before, later), title)
    }
    const custom = { schema: CUSTOM_BUCKETS, customBounds: [1, 2] }
    assert.equal(withLayout(histogram(custom), histogram({ ...custom, customBounds: [1, 3] })), undefined)
    assert.equal(hasFallen(before, histogram({ count: 1, positive: buckets([0, 2]) })), true)
  })
})
