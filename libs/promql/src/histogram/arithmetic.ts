import { KahanSum } from '../text/kahan.ts'
import {
  addBuckets,
  addCompensated,
  addCustomBuckets,
  type CompensatedBuckets,
  commonBounds,
  reduceCompensated,
  reduceResolution,
  uncompensated,
} from './bucket-sums.ts'
import { type Buckets, equalLists, type FloatHistogram, hasCustomBuckets, type ResetHint } from './float-histogram.ts'
import { bucketsWithinZero, largerZeroBucket } from './zero-bucket.ts'

/** Thrown for two histograms of which only one has custom buckets: they can't be combined. */
export class IncompatibleHistogramsError extends Error {
  override readonly name = 'IncompatibleHistogramsError'

  constructor() {
    super('cannot apply this operation on histograms with a mix of exponential and custom bucket schemas')
  }
}

/** The result of an addition or subtraction, and its problems. */
export interface Combined {
  readonly histogram: FloatHistogram
  /** One histogram is known to follow a counter reset, the other is known not to. */
  readonly resetCollision: boolean
  /** The custom bounds differed; the result has the bounds that both have in common. */
  readonly boundsReconciled: boolean
}

/** Adds two histograms in the coarser of their resolutions. Throws an {@link IncompatibleHistogramsError}. */
export function addHistograms(a: FloatHistogram, b: FloatHistogram): Combined {
  return combine(a, b, 1)
}

/** Subtracts the second from the first. Throws an {@link IncompatibleHistogramsError}. */
export function subtractHistograms(a: FloatHistogram, b: FloatHistogram): Combined {
  return combine(a, b, -1)
}

function combine(a: FloatHistogram, b: FloatHistogram, sign: 1 | -1): Combined {
  const { hint, resetCollision } = combinedHint(a, b)
  const count = a.count + sign * b.count
  const sum = a.sum + sign * b.sum
  if (hasCustomBuckets(a)) {
    const { buckets, bounds, boundsReconciled } = combineCustom(uncompensated(a.positive), a, b, sign)
    const positive = { indexes: buckets.indexes, counts: buckets.counts }
    return { histogram: { ...a, hint, count, sum, positive, customValues: bounds }, resetCollision, boundsReconciled }
  }
  const { zeroed, otherZeroCount } = reconcileZero(a, b)
  const schema = Math.min(a.schema, b.schema)
  const side = (name: 'positive' | 'negative'): Buckets => {
    const own = reduced(zeroed[name], a.schema, schema)
    return addBuckets(own, reduced(b[name], b.schema, schema), sign, schema, zeroed.zeroThreshold)
  }
  const zeroCount = zeroed.zeroCount + sign * otherZeroCount
  const histogram = {
    ...zeroed,
    hint,
    schema,
    count,
    sum,
    zeroCount,
    positive: side('positive'),
    negative: side('negative'),
  }
  return { histogram, resetCollision, boundsReconciled: false }
}

function reduced(buckets: Buckets, schema: number, coarser: number): Buckets {
  return schema === coarser ? buckets : reduceResolution(buckets, schema, coarser)
}

/** The histogram in a coarser resolution. */
export function toSchema(histogram: FloatHistogram, schema: number): FloatHistogram {
  if (schema === histogram.schema) return histogram
  const positive = reduceResolution(histogram.positive, histogram.schema, schema)
  const negative = reduceResolution(histogram.negative, histogram.schema, schema)
  return { ...histogram, schema, positive, negative }
}

function combinedHint(a: FloatHistogram, b: FloatHistogram): { hint: ResetHint; resetCollision: boolean } {
  if (hasCustomBuckets(a) !== hasCustomBuckets(b)) throw new IncompatibleHistogramsError()
  if (a.hint === b.hint) return { hint: a.hint, resetCollision: false }
  if (a.hint === 'gauge' || b.hint === 'gauge') return { hint: 'gauge', resetCollision: false }
  return { hint: 'unknown', resetCollision: a.hint !== 'unknown' && b.hint !== 'unknown' }
}

function combineCustom(own: CompensatedBuckets, a: FloatHistogram, b: FloatHistogram, sign: 1 | -1) {
  if (equalLists(a.customValues, b.customValues)) {
    const plain = sign === 1 ? b.positive : { ...b.positive, counts: b.positive.counts.map((count) => -count) }
    const buckets = addCompensated(own, uncompensated(plain), a.schema, 0)
    return { buckets, bounds: a.customValues, boundsReconciled: false }
  }
  const buckets = addCustomBuckets(own, a.customValues, b.positive, b.customValues, sign)
  return { buckets, bounds: commonBounds(a.customValues, b.customValues), boundsReconciled: true }
}

/** The first histogram, and the zero count of the second, with a zero bucket that covers both zero buckets. */
function reconcileZero(a: FloatHistogram, b: FloatHistogram): { zeroed: FloatHistogram; otherZeroCount: number } {
  const sum = new HistogramSum(a)
  const other = sum.reconcileZero(b)
  return { zeroed: sum.plain, otherZeroCount: other.count }
}

/** A sum of histograms with Kahan summation in each of its numbers. */
export class HistogramSum {
  #plain: FloatHistogram
  #compensation = { zeroCount: 0, count: 0, sum: 0 }
  #positive: readonly number[]
  #negative: readonly number[]
  /** Whether anything has been added. */
  #isCompensated = false

  constructor(first: FloatHistogram) {
    this.#plain = first
    this.#positive = first.positive.counts.map(() => 0)
    this.#negative = first.negative.counts.map(() => 0)
  }

  /** The sum without its compensation. */
  get plain(): FloatHistogram {
    return this.#plain
  }

  copy(): HistogramSum {
    const copy = new HistogramSum(this.#plain)
    copy.#compensation = { ...this.#compensation }
    copy.#positive = this.#positive
    copy.#negative = this.#negative
    copy.#isCompensated = this.#isCompensated
    return copy
  }

  /** Adds a histogram. Throws an {@link IncompatibleHistogramsError}. */
  add(other: FloatHistogram): Omit<Combined, 'histogram'> {
    const { hint, resetCollision } = combinedHint(this.#plain, other)
    this.#isCompensated = true
    if (!hasCustomBuckets(other)) this.#addExponential(other)
    const boundsReconciled = hasCustomBuckets(other) && this.#addCustom(other)
    const count = new KahanSum(this.#plain.count, this.#compensation.count).add(other.count)
    const sum = new KahanSum(this.#plain.sum, this.#compensation.sum).add(other.sum)
    this.#plain = { ...this.#plain, hint, count: count.sum, sum: sum.sum }
    this.#compensation = { ...this.#compensation, count: count.compensation, sum: sum.compensation }
    return { resetCollision, boundsReconciled }
  }

  /** Multiplies the sum and its compensation. */
  scale(apply: (histogram: FloatHistogram) => FloatHistogram): void {
    const compensation = apply(this.#compensationHistogram())
    this.#plain = apply(this.#plain)
    this.#compensation = compensation
    this.#positive = compensation.positive.counts
    this.#negative = compensation.negative.counts
  }

  /** The sum with its compensation added. */
  total(): FloatHistogram {
    return this.#isCompensated ? addHistograms(this.#plain, this.#compensationHistogram()).histogram : this.#plain
  }

  #compensationHistogram(): FloatHistogram {
    const { positive, negative } = this.#plain
    return {
      ...this.#plain,
      ...this.#compensation,
      positive: { indexes: positive.indexes, counts: this.#positive },
      negative: { indexes: negative.indexes, counts: this.#negative },
    }
  }

  #compensated(side: 'positive' | 'negative'): CompensatedBuckets {
    return { ...this.#plain[side], compensations: side === 'positive' ? this.#positive : this.#negative }
  }

  #set(side: 'positive' | 'negative', { indexes, counts, compensations }: CompensatedBuckets): void {
    this.#plain = { ...this.#plain, [side]: { indexes, counts } }
    if (side === 'positive') this.#positive = compensations
    else this.#negative = compensations
  }

  #addCustom(other: FloatHistogram): boolean {
    const combined = combineCustom(this.#compensated('positive'), this.#plain, other, 1)
    this.#plain = { ...this.#plain, customValues: combined.bounds }
    this.#set('positive', combined.buckets)
    return combined.boundsReconciled
  }

  #addExponential(other: FloatHistogram): void {
    const zero = this.reconcileZero(other)
    const zeroSum = new KahanSum(this.#plain.zeroCount, this.#compensation.zeroCount)
    zeroSum.add(zero.count).add(zero.compensation)
    const { schema: ownSchema, zeroThreshold } = this.#plain
    const schema = Math.min(ownSchema, other.schema)
    for (const side of ['positive', 'negative'] as const) {
      const own = this.#compensated(side)
      const a = ownSchema === schema ? own : reduceCompensated(own, ownSchema, schema)
      const plain = uncompensated(other[side])
      const b = other.schema === schema ? plain : reduceCompensated(plain, other.schema, schema)
      this.#set(side, addCompensated(a, b, schema, zeroThreshold))
    }
    this.#plain = { ...this.#plain, schema, zeroCount: zeroSum.sum }
    this.#compensation = { ...this.#compensation, zeroCount: zeroSum.compensation }
  }

  /**
   * Enlarges the zero bucket until it covers the other's too. Returns the zero count of the other with that threshold.
   */
  reconcileZero(other: FloatHistogram): { count: number; compensation: number } {
    let otherZero = { threshold: other.zeroThreshold, count: other.zeroCount, compensation: 0 }
    while (otherZero.threshold !== this.#plain.zeroThreshold) {
      if (this.#plain.zeroThreshold > otherZero.threshold) {
        otherZero = largerZeroBucket(other, this.#plain.zeroThreshold)
      }
      if (otherZero.threshold > this.#plain.zeroThreshold) this.#enlargeZero(otherZero.threshold)
    }
    return otherZero
  }

  #enlargeZero(wanted: number): void {
    const zero = largerZeroBucket(this.#plain, wanted, this.#isCompensated ? this.#compensationHistogram() : undefined)
    const { positive, negative } = this.#plain
    const cut = { positive: 0, negative: 0 }
    for (const side of ['positive', 'negative'] as const)
      cut[side] = bucketsWithinZero(this.#plain, side, zero.threshold)
    const keep = ({ indexes, counts }: Buckets, compensations: readonly number[], from: number): CompensatedBuckets => {
      const kept = [...indexes.keys()].filter((i) => i >= from && (counts[i] !== 0 || compensations[i] !== 0))
      const pick = (list: readonly number[]) => kept.map((i) => list[i] ?? 0)
      return { indexes: pick(indexes), counts: pick(counts), compensations: pick(compensations) }
    }
    this.#plain = { ...this.#plain, zeroCount: zero.count, zeroThreshold: zero.threshold }
    this.#compensation = { ...this.#compensation, zeroCount: this.#isCompensated ? zero.compensation : 0 }
    this.#set('positive', keep(positive, this.#positive, cut.positive))
    this.#set('negative', keep(negative, this.#negative, cut.negative))
  }
}
