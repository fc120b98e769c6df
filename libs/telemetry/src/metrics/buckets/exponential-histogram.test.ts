import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomFrom } from '../../../test/testing/random.ts'
import { ExponentialHistogram, type ExponentialPoint } from './exponential-histogram.ts'

function recorded(values: readonly number[]): ExponentialPoint {
  const histogram = new ExponentialHistogram()
  for (const value of values) histogram.record(value)
  return histogram.toPoint()
}

const total = ({ counts }: { readonly counts: readonly number[] }) => counts.reduce((sum, count) => sum + count, 0)

/**
 * Checks that the buckets of a point are those of the values, by the definition of their bounds, except for rounding
 * errors.
 */
function assertBuckets(point: ExponentialPoint, values: readonly number[]): void {
  for (const sign of [1, -1]) {
    const { offset, counts } = sign > 0 ? point.positive : point.negative
    const magnitudes = values
      .filter((value) => Math.sign(value) === sign)
      .map(Math.abs)
      .sort((one, other) => one - other)
    assert.ok(counts.length <= 160, `${counts.length} buckets`)
    assert.equal(total({ counts }), magnitudes.length)
    let index = 0
    for (const [bucket, count] of counts.entries()) {
      const power = 2 ** -point.scale
      for (const value of magnitudes.slice(index, index + count)) {
        const at = Math.log2(value) / power
        assert.ok(at > offset + bucket - 1e-3, `${value} is above the lower bound of bucket ${offset + bucket}`)
        assert.ok(at <= offset + bucket + 1 + 1e-3, `${value} is within bucket ${offset + bucket}`)
      }
      index += count
    }
  }
}

const CASES: Readonly<Record<string, readonly number[]>> = {
  'no value': [],
  'one value': [0.75],
  'equal values': [3, 3, 3],
  zeros: [0, -0, 1],
  'powers of two': Array.from({ length: 60 }, (_, index) => 2 ** (index - 30)),
  'negative values': [-1, -2.5, -1e-9, 4],
  'the smallest and the largest number': [Number.MIN_VALUE, Number.MAX_VALUE],
  'subnormal numbers': [Number.MIN_VALUE, 3 * Number.MIN_VALUE, 2 ** -1030, 2 ** -1022],
  'integers beyond 2⁵³': [2 ** 53, 2 ** 53 + 2, 1e21],
  'durations in descending order': Array.from({ length: 500 }, (_, index) => 10 / (index + 1)),
}

for (const [what, values] of Object.entries(CASES))
  test(`${what}: each value is in the bucket of its bounds`, () => {
    const point = recorded(values)
    assertBuckets(point, values)
    assert.equal(point.count, values.length)
    assert.equal(point.zeroCount, values.filter((value) => value === 0).length)
    assert.equal(point.min + 0, Math.min(...values) + 0)
    assert.equal(point.max + 0, Math.max(...values) + 0)
  })

test('the upper bound of a bucket belongs to it, at every scale', () => {
  for (const spread of [1, 3, 2 ** 200]) {
    const { scale, positive } = recorded([1, 2, 4 * spread])
    const bucketOf = (exponent: number) => exponent * 2 ** scale - 1
    const counted = [1, 2].map((value) => positive.counts[Math.floor(bucketOf(Math.log2(value))) - positive.offset])
    assert.ok(scale < 0 || counted.every((count) => (count ?? 0) >= 1), `scale ${scale}: ${counted}`)
  }
})

test('the scale is reduced no further than needed for 160 buckets', () => {
  assert.equal(recorded([1]).scale, 20)
  // 100 powers of two need 1 bucket each, and there is no room for more.
  assert.equal(recorded([1.5, 1.5 * 2 ** 100]).scale, 0)
  assert.equal(recorded([1.5, 1.5 * 2 ** 79]).scale, 1)
})

test('several histograms are merged as if one had recorded everything', () => {
  const random = randomFrom(7)
  for (let round = 0; round < 50; round++) {
    const parts = Array.from({ length: 3 }, () =>
      Array.from({ length: Math.floor(random() * 50) }, () => (random() - 0.3) * 10 ** (random() * 12 * (round % 4))),
    )
    const merged = new ExponentialHistogram()
    for (const part of parts) merged.merge(recorded(part))
    const { sum, ...point } = merged.toPoint()
    const { sum: sumOfOne, ...one } = recorded(parts.flat())
    assert.deepEqual(point, one)
    assert.ok(Math.abs(sum - sumOfOne) <= 1e-9 * Math.max(1, Math.abs(sum)))
  }
})
