/** Adjacent buckets: the one at `offset + i` has `counts[i]`. */
export interface ExponentialBuckets {
  readonly offset: number
  readonly counts: readonly number[]
}

/** The state of an exponential histogram. */
export interface ExponentialPoint {
  readonly scale: number
  readonly count: number
  readonly sum: number
  readonly min: number
  readonly max: number
  readonly zeroCount: number
  readonly positive: ExponentialBuckets
  readonly negative: ExponentialBuckets
}

/**
 * As in OpenTelemetry's SDKs:
 * https://opentelemetry.io/docs/specs/otel/metrics/sdk/#base2-exponential-bucket-histogram-aggregation.
 */
const MAX_BUCKETS = 160
const MAX_SCALE = 20

/**
 * A base-2 exponential histogram: the bucket with the index `i` contains the values above `base ** i` up to `base ** (i
 * + 1)`, where `base` is 2 to the power of 2⁻ˢᶜᵃˡᵉ. If values would need more than 160 buckets, the scale is reduced
 * and adjacent buckets are merged.
 *
 * https://opentelemetry.io/docs/specs/otel/metrics/data-model/#exponentialhistogram
 */
export class ExponentialHistogram {
  #scale = MAX_SCALE
  #count = 0
  #sum = 0
  #min = Number.POSITIVE_INFINITY
  #max = Number.NEGATIVE_INFINITY
  #zeroCount = 0
  #positive = new Buckets()
  #negative = new Buckets()

  /** Records a finite value. */
  record(value: number): void {
    this.#count++
    this.#sum += value
    if (value < this.#min) this.#min = value
    if (value > this.#max) this.#max = value
    if (value === 0) this.#zeroCount++
    else this.#add(value > 0, indexOf(Math.abs(value), this.#scale), 1, this.#scale)
  }

  /** Adds the values of another histogram. */
  merge(point: ExponentialPoint): void {
    this.#count += point.count
    this.#sum += point.sum
    this.#min = Math.min(this.#min, point.min)
    this.#max = Math.max(this.#max, point.max)
    this.#zeroCount += point.zeroCount
    if (point.scale < this.#scale) this.#scaleDown(this.#scale - point.scale)
    for (const isPositive of [true, false]) {
      const { offset, counts } = isPositive ? point.positive : point.negative
      for (const [index, count] of counts.entries())
        if (count > 0) this.#add(isPositive, offset + index, count, point.scale)
    }
  }

  /** Adds to the bucket with this index at `scale`, which is at least this histogram's own. */
  #add(isPositive: boolean, index: number, count: number, scale: number): void {
    const excess = this.#side(isPositive).excessWith(index >> (scale - this.#scale))
    if (excess > 0) this.#scaleDown(excess)
    this.#side(isPositive).add(index >> (scale - this.#scale), count)
  }

  #side(isPositive: boolean): Buckets {
    return isPositive ? this.#positive : this.#negative
  }

  #scaleDown(by: number): void {
    this.#scale -= by
    this.#positive = this.#positive.scaledDown(by)
    this.#negative = this.#negative.scaledDown(by)
  }

  toPoint(): ExponentialPoint {
    return {
      scale: this.#scale,
      count: this.#count,
      sum: this.#sum,
      min: this.#min,
      max: this.#max,
      zeroCount: this.#zeroCount,
      positive: this.#positive.copy(),
      negative: this.#negative.copy(),
    }
  }
}

class Buckets {
  #offset = 0
  readonly #counts: number[] = []

  /** By how much the scale must be reduced for a value of this index to fit. */
  excessWith(index: number): number {
    if (this.#counts.length === 0) return 0
    let low = Math.min(this.#offset, index)
    let high = Math.max(this.#offset + this.#counts.length - 1, index)
    let excess = 0
    for (; high - low >= MAX_BUCKETS; excess++) {
      low >>= 1
      high >>= 1
    }
    return excess
  }

  add(index: number, count: number): void {
    if (this.#counts.length === 0) this.#offset = index
    for (; this.#offset > index; this.#offset--) this.#counts.unshift(0)
    const at = index - this.#offset
    while (this.#counts.length <= at) this.#counts.push(0)
    this.#counts[at] = (this.#counts[at] ?? 0) + count
  }

  scaledDown(by: number): Buckets {
    const scaled = new Buckets()
    for (const [index, count] of this.#counts.entries()) scaled.add((this.#offset + index) >> by, count)
    return scaled
  }

  copy(): ExponentialBuckets {
    return { offset: this.#offset, counts: [...this.#counts] }
  }
}

const double = new Float64Array(1)
const words = new Uint32Array(double.buffer)
const SUBNORMAL_FACTOR = 2 ** 52
const MANTISSA_BITS = 20

/**
 * The index of the bucket of a positive value. Powers of two are exact at every scale; values within a rounding error
 * of another bound may be in the adjacent bucket.
 */
function indexOf(value: number, scale: number): number {
  double[0] = value
  let shift = 0
  if (value < 2 ** -1022) {
    double[0] = value * SUBNORMAL_FACTOR
    shift = 52
  }
  const high = words[1] ?? 0
  const exponent = (high >>> MANTISSA_BITS) - 1023 - shift
  const isPowerOfTwo = (high & ((1 << MANTISSA_BITS) - 1)) === 0 && words[0] === 0
  const upTo = isPowerOfTwo ? exponent - 1 : exponent
  if (scale <= 0) return upTo >> -scale
  const perPower = 2 ** scale
  if (isPowerOfTwo) return exponent * perPower - 1
  const index = Math.ceil(Math.log2(value) * perPower) - 1
  return Math.min(Math.max(index, exponent * perPower), (exponent + 1) * perPower - 1)
}
