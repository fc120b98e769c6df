import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { seededRandom } from '../../test/testing/seeded-random.ts'
import { buildDistribution, CumulativeBuckets } from './distribution.ts'

const buckets = (...pairs: (readonly [bound: number, count: number])[]) => {
  const all = new CumulativeBuckets()
  for (const [bound, count] of pairs) all.add(bound, count)
  return all
}
const INF = Number.POSITIVE_INFINITY

describe('buildDistribution', () => {
  it('converts cumulative counts, with the overflow last', () => {
    assert.deepEqual(buildDistribution(buckets([0.1, 1], [1, 3], [INF, 6]), 6, 9), {
      count: 6,
      mean: 1.5,
      sumOfSquaredDeviation: 1 * (0.05 - 1.5) ** 2 + 2 * (0.55 - 1.5) ** 2 + 3 * (1 - 1.5) ** 2,
      bounds: [0.1, 1],
      bucketCounts: [1, 2, 3],
      exemplars: [],
    })
  })

  it('sorts buckets by bound', () => {
    const sorted = buildDistribution(buckets([1, 3], [INF, 6], [0.1, 1]), 6, 9)
    assert.deepEqual(sorted?.bucketCounts, [1, 2, 3])
  })

  it('has no mean or deviation without observations', () => {
    const empty = buildDistribution(buckets([1, 0], [INF, 0]), 0, 0)
    assert.deepEqual([empty?.count, empty?.mean, empty?.sumOfSquaredDeviation], [0, 0, 0])
  })

  it('has a finite deviation even if empty buckets are far away', () => {
    assert.equal(buildDistribution(buckets([2, 1], [1e300, 1], [INF, 1]), 1, 1)?.sumOfSquaredDeviation, 0)
  })

  it('uses the count if there is no +Inf bucket', () => {
    assert.deepEqual(buildDistribution(buckets([1, 2]), 5, 1)?.bucketCounts, [2, 3])
  })

  it('trusts the buckets if _count is a moment ahead', () => {
    assert.equal(buildDistribution(buckets([1, 2], [INF, 5]), 6, 1)?.count, 5)
  })

  for (const [title, parts, count, sum] of [
    ['counts that fall', buckets([1, 3], [2, 2], [INF, 3]), 3, 1],
    ['no finite bound', buckets([INF, 3]), 3, 1],
    ['a duplicate bound', buckets([1, 1], [1, 2], [INF, 3]), 3, 1],
    ['a count below the last bucket', buckets([1, 3]), 2, 1],
    ['an infinite count', buckets([1, INF], [INF, INF]), INF, 1],
    ['an infinite count without a +Inf bucket', buckets([1, 1]), INF, 1],
    ['an infinite bucket', buckets([1, INF], [2, INF], [INF, 3]), 3, 1],
    ['counts that can’t be added exactly', buckets([1, 2 ** 53], [INF, 2 ** 53 + 2]), 2 ** 53 + 2, 1],
    ['an infinite deviation', buckets([1e300, 1], [INF, 2]), 2, 1],
    ['a sum that is not a number', buckets([1, 3], [INF, 3]), 3, Number.NaN],
  ] as const) {
    it(`returns undefined for ${title}`, () => assert.equal(buildDistribution(parts, count, sum), undefined))
  }

  it('sorts exemplars by value', () => {
    const exemplar = (value: number) => ({
      value,
      timestampMs: 0,
      spanName: undefined,
      labels: new Map<string, string>(),
    })
    const built = buildDistribution(buckets([1, 1], [INF, 2]), 2, 3, [exemplar(2), exemplar(0.5)])
    assert.deepEqual(
      built?.exemplars.map(({ value }) => value),
      [0.5, 2],
    )
  })

  it('has bucket counts that add up to its count, for any histogram', () => {
    const random = seededRandom(Date.now() % 2 ** 32)
    for (let round = 0; round < 2000; round++) {
      let cumulativeCount = 0
      let bound = random.next() * 10 - 5
      const parts = new CumulativeBuckets()
      for (let left = 1 + Math.floor(random.next() * 30); left > 0; left--) {
        cumulativeCount += Math.floor(random.next() * 1e6)
        bound += random.next() + 1e-9
        parts.add(bound, cumulativeCount)
      }
      if (random.next() < 0.5) parts.add(INF, cumulativeCount)
      const built = buildDistribution(parts, cumulativeCount, random.next() * 1e9)
      assert.ok(built, `seed ${random.seed}`)
      assert.equal(
        built.bucketCounts.reduce((sum, count) => sum + count, 0),
        built.count,
      )
      assert.equal(built.bucketCounts.length, built.bounds.length + 1)
      assert.ok(built.bucketCounts.every((count) => count >= 0) && built.sumOfSquaredDeviation >= 0)
    }
  })
})
