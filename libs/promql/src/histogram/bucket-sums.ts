import { KahanSum } from '../text/kahan.ts'
import { coarserIndex, exponentialBound, isExponential } from './bounds.ts'
import type { Buckets } from './float-histogram.ts'

/** Buckets with the compensation of each. */
export interface CompensatedBuckets extends Buckets {
  readonly compensations: readonly number[]
}

/** Buckets without compensation. */
export function uncompensated({ indexes, counts }: Buckets): CompensatedBuckets {
  return { indexes, counts, compensations: counts.map(() => 0) }
}

/** The buckets of a coarser schema. */
export function reduceResolution({ indexes, counts }: Buckets, schema: number, coarser: number): Buckets {
  const reduced: { indexes: number[]; counts: number[] } = { indexes: [], counts: [] }
  for (const [i, index] of indexes.entries()) {
    const target = coarserIndex(index, schema, coarser)
    const last = reduced.indexes.length - 1
    if (reduced.indexes[last] === target) reduced.counts[last] = (reduced.counts[last] ?? 0) + (counts[i] ?? 0)
    else {
      reduced.indexes.push(target)
      reduced.counts.push(counts[i] ?? 0)
    }
  }
  return reduced
}

/** As {@link reduceResolution}, with Kahan summation. */
export function reduceCompensated(buckets: CompensatedBuckets, schema: number, coarser: number): CompensatedBuckets {
  const indexes: number[] = []
  const sums: KahanSum[] = []
  for (const [i, index] of buckets.indexes.entries()) {
    const target = coarserIndex(index, schema, coarser)
    const count = buckets.counts[i] ?? 0
    const compensation = buckets.compensations[i] ?? 0
    if (indexes.at(-1) === target) sums.at(-1)?.add(count).add(compensation)
    else {
      indexes.push(target)
      sums.push(new KahanSum(count, compensation))
    }
  }
  return fromSums(indexes, sums)
}

/** A bucket of either of two histograms, and its position in each: -1 where it is missing. */
interface MergedBucket {
  readonly index: number
  readonly a: number
  readonly b: number
}

/** The buckets of both in ascending order, without those of `b` that end within the zero bucket. */
function* mergedBuckets(a: Buckets, b: Buckets, schema: number, zeroThreshold: number): Generator<MergedBucket> {
  for (let i = 0, j = belowThreshold(b, schema, zeroThreshold); i < a.indexes.length || j < b.indexes.length; ) {
    const indexA = a.indexes[i] ?? Number.POSITIVE_INFINITY
    const indexB = b.indexes[j] ?? Number.POSITIVE_INFINITY
    const index = Math.min(indexA, indexB)
    yield { index, a: indexA === index ? i++ : -1, b: indexB === index ? j++ : -1 }
  }
}

/** Adds (or with -1 subtracts) buckets of the same schema, without those of `b` that end within the zero bucket. */
export function addBuckets(a: Buckets, b: Buckets, sign: 1 | -1, schema: number, zeroThreshold: number): Buckets {
  const indexes: number[] = []
  const counts: number[] = []
  for (const bucket of mergedBuckets(a, b, schema, zeroThreshold)) {
    const added = (b.counts[bucket.b] ?? 0) * sign
    indexes.push(bucket.index)
    counts.push(bucket.a < 0 ? added : (a.counts[bucket.a] ?? 0) + added)
  }
  return { indexes, counts }
}

/** As {@link addBuckets}, with Kahan summation. */
export function addCompensated(
  a: CompensatedBuckets,
  b: CompensatedBuckets,
  schema: number,
  zeroThreshold: number,
): CompensatedBuckets {
  const indexes: number[] = []
  const sums: KahanSum[] = []
  for (const bucket of mergedBuckets(a, b, schema, zeroThreshold)) {
    const count = b.counts[bucket.b] ?? 0
    const compensation = b.compensations[bucket.b] ?? 0
    indexes.push(bucket.index)
    if (bucket.a < 0) sums.push(new KahanSum(count, compensation))
    else {
      const sum = new KahanSum(a.counts[bucket.a], a.compensations[bucket.a])
      if (bucket.b >= 0) sum.add(count)
      if (compensation !== 0) sum.add(compensation)
      sums.push(sum)
    }
  }
  return fromSums(indexes, sums)
}

function fromSums(indexes: readonly number[], sums: readonly KahanSum[]): CompensatedBuckets {
  return { indexes, counts: sums.map(({ sum }) => sum), compensations: sums.map(({ compensation }) => compensation) }
}

function belowThreshold({ indexes }: Buckets, schema: number, zeroThreshold: number): number {
  if (!isExponential(schema)) return 0
  const first = indexes.findIndex((index) => exponentialBound(index, schema) > zeroThreshold)
  return first < 0 ? indexes.length : first
}

/** The bounds that both have in common. */
export function commonBounds(a: readonly number[], b: readonly number[]): number[] {
  const other = new Set(b)
  return a.filter((bound) => other.has(bound))
}

/**
 * Adds (or with -1 subtracts) buckets with different custom bounds, in buckets with the bounds that both have in
 * common; empty ones are left out.
 */
export function addCustomBuckets(
  a: CompensatedBuckets,
  boundsA: readonly number[],
  b: Buckets,
  boundsB: readonly number[],
  sign: 1 | -1,
): CompensatedBuckets {
  const common = commonBounds(boundsA, boundsB)
  const sums = Array.from({ length: common.length + 1 }, () => new KahanSum())
  const targetOf = (bound: number | undefined): KahanSum | undefined => {
    const found = bound === undefined ? -1 : common.findIndex((candidate) => candidate >= bound)
    return sums[found < 0 ? common.length : found]
  }
  for (const [i, index] of a.indexes.entries()) {
    targetOf(boundsA[index])
      ?.add(a.counts[i] ?? 0)
      .add(a.compensations[i] ?? 0)
  }
  for (const [i, index] of b.indexes.entries()) targetOf(boundsB[index])?.add(sign * (b.counts[i] ?? 0))
  const indexes = [...sums.keys()].filter((i) => sums[i]?.sum !== 0 || sums[i]?.compensation !== 0)
  return fromSums(
    indexes,
    indexes.map((i) => sums[i] ?? new KahanSum()),
  )
}
