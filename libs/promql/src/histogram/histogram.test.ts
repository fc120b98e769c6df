import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addHistograms, HistogramSum, IncompatibleHistogramsError, subtractHistograms } from './arithmetic.ts'
import { boundOf, CUSTOM_BUCKETS, coarserIndex, exponentialBound } from './bounds.ts'
import { classicFraction, classicQuantile } from './classic-buckets.ts'
import { detectReset } from './detect-reset.ts'
import { compact, type FloatHistogram, floatHistogram, fromSpans, printHistogram, toSpans } from './float-histogram.ts'
import { nativeFraction, nativeQuantile } from './quantile.ts'
import { trimHistogram } from './trim.ts'

function native(counts: readonly number[], parts: Partial<FloatHistogram> = {}): FloatHistogram {
  const count = counts.reduce((total, one) => total + one, 0)
  return floatHistogram({ count, sum: count, positive: { indexes: [...counts.keys()], counts }, ...parts })
}

function custom(bounds: readonly number[], counts: readonly number[]): FloatHistogram {
  return native(counts, { schema: CUSTOM_BUCKETS, customValues: bounds })
}

const BOUNDS: readonly (readonly [index: number, schema: number, bound: number])[] = [
  [0, 0, 1],
  [1, 0, 2],
  [-1, 0, 0.5],
  [1, 2, 1.189207115002721],
  [3, -1, 64],
  [1024, 0, Number.MAX_VALUE],
  [1025, 0, Number.POSITIVE_INFINITY],
  [-1074, 0, 2 ** -1074],
]

for (const [index, schema, bound] of BOUNDS) {
  test(`bucket ${index} of schema ${schema} ends at ${bound}`, () => {
    assert.equal(exponentialBound(index, schema), bound)
  })
}

test('buckets of a finer schema fall into those of a coarser one', () => {
  const pairs = [-3, -2, -1, 0, 1, 2, 3, 4].map((index) => coarserIndex(index, 1, 0))
  assert.deepEqual(pairs, [-1, -1, 0, 0, 1, 1, 2, 2])
  assert.equal(boundOf(2, CUSTOM_BUCKETS, [1, 2]), Number.POSITIVE_INFINITY)
})

test('spans and indexes describe the same buckets', () => {
  const spans = [
    { offset: -2, length: 2 },
    { offset: 3, length: 1 },
  ]
  const buckets = fromSpans(spans, [1, 2, 3])
  assert.deepEqual(buckets.indexes, [-2, -1, 3])
  assert.deepEqual(toSpans(buckets), spans)
})

test('histograms are added in the coarser resolution, with the larger zero bucket', () => {
  const fine = native([0, 1, 1, 1, 1], { schema: 1 })
  assert.equal(
    printHistogram(addHistograms(native([1, 2]), fine).histogram),
    '{count:7, sum:7, (0.5,1]:1, (1,2]:4, (2,4]:2}',
  )
  const wide = floatHistogram({ zeroThreshold: 0.6, zeroCount: 1, count: 1 })
  const added = addHistograms(native([1, 2]), wide).histogram
  assert.equal(printHistogram(compact(added)), '{count:4, sum:3, [-1,1]:2, (1,2]:2}')
})

test('different custom buckets are added in the bounds that both have in common', () => {
  const { histogram, boundsReconciled } = addHistograms(custom([1, 2, 3], [1, 1, 1, 1]), custom([1, 3], [1, 1, 1]))
  assert.equal(boundsReconciled, true)
  assert.deepEqual(histogram.customValues, [1, 3])
  assert.deepEqual(histogram.positive.counts, [2, 3, 2])
})

test('custom and exponential buckets cannot be combined', () => {
  assert.throws(() => addHistograms(native([1]), custom([1], [1])), IncompatibleHistogramsError)
  assert.throws(() => subtractHistograms(custom([1], [1]), native([1])), IncompatibleHistogramsError)
})

test('counter reset hints are combined too', () => {
  const hints = (a: FloatHistogram['hint'], b: FloatHistogram['hint']) => {
    const { histogram, resetCollision } = addHistograms(native([1], { hint: a }), native([1], { hint: b }))
    return [histogram.hint, resetCollision]
  }
  assert.deepEqual(hints('gauge', 'reset'), ['gauge', false])
  assert.deepEqual(hints('unknown', 'reset'), ['unknown', false])
  assert.deepEqual(hints('notReset', 'reset'), ['unknown', true])
})

test('a sum of histograms compensates for rounding errors', () => {
  const sum = new HistogramSum(native([1e16], { sum: 1e16 }))
  for (let i = 0; i < 10; i++) sum.add(native([1], { sum: 1 }))
  assert.equal(sum.total().sum, 1e16 + 10)
  assert.deepEqual(sum.total().positive.counts, [1e16 + 10])
})

const RESETS: readonly (readonly [what: string, before: FloatHistogram, after: FloatHistogram, isReset: boolean])[] = [
  ['grows', native([1, 2]), native([1, 3]), false],
  ['has a bucket that decreased', native([1, 2]), native([2, 1]), true],
  ['lacks a bucket', native([1, 2]), native([5]), true],
  ['lacks a bucket that was empty', native([1, 0]), native([5]), false],
  ['is finer', native([1]), native([5], { schema: 1 }), true],
  ['is coarser', native([0, 1, 1], { schema: 1 }), native([0, 3]), false],
  ['has the hint', native([1]), native([5], { hint: 'reset' }), true],
  ['has the opposite hint', native([5]), native([1], { hint: 'notReset' }), false],
  ['has different custom bounds, and grows', custom([1, 2], [1, 1, 1]), custom([2], [4, 1]), false],
  ['has different custom bounds, and decreased', custom([1, 2], [3, 1, 1]), custom([2], [3, 2]), true],
]

for (const [what, before, after, isReset] of RESETS) {
  test(`a histogram that ${what} ${isReset ? 'follows a reset' : 'continues'}`, () => {
    assert.equal(detectReset(after, before), isReset)
  })
}

test('quantiles and fractions of native histograms are interpolated', () => {
  const exponential = native([0, 4, 4])
  assert.equal(nativeQuantile(0.25, exponential).value, Math.SQRT2)
  assert.equal(nativeQuantile(0.5, exponential).value, 2)
  assert.equal(nativeQuantile(-1, exponential).value, Number.NEGATIVE_INFINITY)
  assert.equal(nativeFraction(1, 2, exponential).value, 0.5)
  assert.equal(nativeQuantile(0.5, custom([10, 20], [2, 2, 0])).value, 10)
  assert.equal(nativeFraction(0, 5, custom([10, 20], [2, 2, 0])).value, 0.25)
  const withNan = { ...exponential, count: 10, sum: Number.NaN }
  assert.deepEqual(nativeQuantile(1, withNan), { value: Number.NaN, nanEffect: 'result is NaN' })
  assert.equal(nativeQuantile(0.1, withNan).nanEffect, 'result is skewed higher')
  assert.equal(nativeFraction(0, 100, withNan).nanEffect, 'excluded from fractions')
})

test('quantiles and fractions of classic histograms are interpolated', () => {
  const buckets = [
    { upperBound: 1, count: 2 },
    { upperBound: Number.POSITIVE_INFINITY, count: 4 },
    { upperBound: 2, count: 4 },
  ]
  assert.equal(classicQuantile(0.25, buckets).value, 0.5)
  assert.equal(classicQuantile(0.75, buckets).value, 1.5)
  assert.equal(classicFraction(0, 1.5, buckets), 0.75)
  assert.equal(classicQuantile(0.5, buckets.slice(0, 1)).value, Number.NaN)
  const falling = [...buckets, { upperBound: 1.5, count: 1 }]
  assert.deepEqual(classicQuantile(0.25, falling).forced, { minBucket: 1.5, maxBucket: 1.5, maxDifference: 1 })
})

test('observations above or below a bound are trimmed, with interpolation in the bucket around it', () => {
  const histogram = custom([10, 20], [4, 4, 0])
  assert.equal(printHistogram(trimHistogram(histogram, 15, 'below')), '{count:6, sum:45, [-Inf,10]:4, (10,20]:2}')
  assert.equal(printHistogram(trimHistogram(histogram, 10, 'above')), '{count:4, sum:60, (10,20]:4}')
  assert.equal(trimHistogram(histogram, 30, 'below'), histogram)
})
