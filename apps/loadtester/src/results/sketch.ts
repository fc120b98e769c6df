import type { Quantiles } from '../contract/run-report.ts'

/** Relative accuracy of every quantile that the load tester reports. */
export const RELATIVE_ACCURACY = 0.01

const GAMMA = (1 + RELATIVE_ACCURACY) / (1 - RELATIVE_ACCURACY)
const BINS_PER_LOG_UNIT = 1 / Math.log(GAMMA)
/** Smaller values count as 0: a nanosecond, if the unit is a millisecond. */
const SMALLEST_VALUE = 1e-6
const LARGEST_VALUE = 1e12
const BINS_PER_STEP = 64
/** Keys of {@link LARGEST_VALUE} and below are far smaller than this. */
const MAX_KEY = 10_000

/**
 * A DDSketch (Masson, Rim, Lee: "DDSketch: a fast and fully-mergeable quantile sketch", VLDB 2019): the distribution of
 * non-negative values in logarithmic bins, with quantiles within 1 % of the true ones. Merging sketches gives exactly the
 * bins of one sketch of all values. The mapping is that of the sketches in Artillery's reports.
 */
export class Sketch {
  #bins = new Float64Array(0)
  /** Key of the first bin. */
  #offset = 0
  #zeros = 0
  #count = 0
  #sum = 0
  #min = Number.POSITIVE_INFINITY
  #max = Number.NEGATIVE_INFINITY

  get count(): number {
    return this.#count
  }

  get sum(): number {
    return this.#sum
  }

  /** Negative values count as 0; NaN is ignored. */
  add(value: number): void {
    if (Number.isNaN(value)) return
    const bounded = value < 0 ? 0 : value > LARGEST_VALUE ? LARGEST_VALUE : value
    if (bounded < SMALLEST_VALUE) {
      this.#zeros++
    } else {
      const key = Math.ceil(Math.log(bounded) * BINS_PER_LOG_UNIT)
      this.#cover(key, key)
      const index = key - this.#offset
      this.#bins[index] = (this.#bins[index] ?? 0) + 1
    }
    this.#count++
    this.#sum += bounded
    if (bounded < this.#min) this.#min = bounded
    if (bounded > this.#max) this.#max = bounded
  }

  merge(other: Sketch): void {
    if (other.#count === 0) return
    const first = other.#bins.findIndex((count) => count > 0)
    if (first >= 0) {
      const last = other.#bins.findLastIndex((count) => count > 0)
      this.#cover(other.#offset + first, other.#offset + last)
      const shift = other.#offset - this.#offset
      for (let index = first; index <= last; index++) {
        this.#bins[index + shift] = (this.#bins[index + shift] ?? 0) + (other.#bins[index] ?? 0)
      }
    }
    this.#zeros += other.#zeros
    this.#count += other.#count
    this.#sum += other.#sum
    this.#min = Math.min(this.#min, other.#min)
    this.#max = Math.max(this.#max, other.#max)
  }

  /** The value at a quantile from 0 to 1, within 1 %; 0 for an empty sketch. */
  quantile(quantile: number): number {
    if (this.#count === 0) return 0
    const rank = Math.min(1, Math.max(0, quantile)) * (this.#count - 1)
    if (rank < this.#zeros) return 0
    let seen = this.#zeros
    for (let index = 0; index < this.#bins.length; index++) {
      seen += this.#bins[index] ?? 0
      // The middle of the last bin may lie above the highest value, which is known exactly.
      const middle = (2 * GAMMA ** (index + this.#offset)) / (1 + GAMMA)
      if (seen > rank) return Math.min(this.#max, middle)
    }
    return this.#max
  }

  quantiles(): Quantiles {
    const at = (quantile: number): number => this.quantile(quantile)
    return {
      count: this.#count,
      min: this.#count === 0 ? 0 : this.#min,
      mean: this.#count === 0 ? 0 : this.#sum / this.#count,
      max: this.#count === 0 ? 0 : this.#max,
      p50: at(0.5),
      p75: at(0.75),
      p90: at(0.9),
      p95: at(0.95),
      p99: at(0.99),
      p999: at(0.999),
    }
  }

  /** The share of values above a limit, from 0 to 1, within the sketch's accuracy. */
  shareAbove(limit: number): number {
    if (this.#count === 0) return 0
    if (limit < SMALLEST_VALUE) return (this.#count - this.#zeros) / this.#count
    const key = Math.ceil(Math.log(limit) * BINS_PER_LOG_UNIT)
    let above = 0
    for (let index = Math.max(0, key - this.#offset + 1); index < this.#bins.length; index++)
      above += this.#bins[index] ?? 0
    return above / this.#count
  }

  /** The sketch as a string, to send or store; its bins are gaps and counts in base64. */
  encode(): string {
    const pairs: number[] = []
    let previous = -1
    for (let index = 0; index < this.#bins.length; index++) {
      const count = this.#bins[index] ?? 0
      if (count === 0) continue
      pairs.push(index - previous - 1, count)
      previous = index
    }
    const bytes: number[] = []
    for (const number of pairs) writeVarint(bytes, number)
    const numbers = [this.#offset, this.#zeros, this.#count, this.#sum, this.#min, this.#max]
    return `${numbers.map((number) => (Number.isFinite(number) ? String(number) : '')).join(',')};${Buffer.from(bytes).toString('base64')}`
  }

  /** @throws RangeError for a string that {@link encode} did not produce. */
  static decode(text: string): Sketch {
    const [head = '', body = ''] = text.split(';')
    const numbers = head.split(',').map((part) => (part === '' ? undefined : Number(part)))
    const [offset, zeros, count, sum, min, max] = numbers
    if (
      offset === undefined ||
      zeros === undefined ||
      count === undefined ||
      sum === undefined ||
      numbers.length !== 6
    ) {
      throw new RangeError('not an encoded sketch')
    }
    if (!numbers.every((number) => number === undefined || Number.isFinite(number)) || Math.abs(offset) > MAX_KEY) {
      throw new RangeError('an encoded sketch has a number out of range')
    }
    const sketch = new Sketch()
    let key = offset - 1
    const pairs = readVarints(Buffer.from(body, 'base64'))
    let total = zeros
    for (let index = 0; index + 1 < pairs.length; index += 2) {
      key += (pairs[index] ?? 0) + 1
      if (key > MAX_KEY) throw new RangeError('an encoded sketch has a bin out of range')
      sketch.#cover(key, key)
      sketch.#bins[key - sketch.#offset] = pairs[index + 1] ?? 0
      total += pairs[index + 1] ?? 0
    }
    if (total !== count) throw new RangeError('the bins of an encoded sketch do not add up to its count')
    sketch.#zeros = zeros
    sketch.#count = count
    sketch.#sum = sum
    sketch.#min = min ?? Number.POSITIVE_INFINITY
    sketch.#max = max ?? Number.NEGATIVE_INFINITY
    return sketch
  }

  /** Grows the bins, in whole steps, to include the keys. */
  #cover(firstKey: number, lastKey: number): void {
    const length = this.#bins.length
    if (length > 0 && firstKey >= this.#offset && lastKey < this.#offset + length) return
    const low = Math.floor((length === 0 ? firstKey : Math.min(firstKey, this.#offset)) / BINS_PER_STEP) * BINS_PER_STEP
    const end = length === 0 ? lastKey + 1 : Math.max(lastKey + 1, this.#offset + length)
    const grown = new Float64Array(Math.ceil((end - low) / BINS_PER_STEP) * BINS_PER_STEP)
    grown.set(this.#bins, length === 0 ? 0 : this.#offset - low)
    this.#bins = grown
    this.#offset = low
  }
}

function writeVarint(bytes: number[], number: number): void {
  let rest = number
  while (rest >= 128) {
    bytes.push((rest % 128) + 128)
    rest = Math.floor(rest / 128)
  }
  bytes.push(rest)
}

function readVarints(bytes: Uint8Array): number[] {
  const numbers: number[] = []
  let value = 0
  let factor = 1
  for (const byte of bytes) {
    value += (byte % 128) * factor
    if (byte >= 128) {
      factor *= 128
      continue
    }
    numbers.push(value)
    value = 0
    factor = 1
  }
  return numbers
}
