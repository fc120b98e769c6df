import type { Quantiles } from '../contract/api-types.ts'

export type { Quantiles } from '../contract/api-types.ts'

/** Relative accuracy of every quantile that the load tester gives. */
export const relativeAccuracy = 0.01

const gamma = (1 + relativeAccuracy) / (1 - relativeAccuracy)
const perLogarithm = 1 / Math.log(gamma)
/** Values below this (a nanosecond, where the unit is a millisecond) count as 0. */
const smallestValue = 1e-6
const largestValue = 1e12
const binsPerStep = 64

/**
 * A DDSketch (Masson, Rim, Lee: "DDSketch: a fast and fully-mergeable quantile sketch", VLDB 2019) with logarithmic bins:
 * a distribution of values of at least 0 whose quantiles are within 1 % of the true ones. Merged sketches hold exactly
 * the bins that one sketch of all values would. Its mapping is that of the sketches in Artillery's reports.
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

  /** Adds a value. A negative one (a clock that was set back) counts as 0; not a number is left out. */
  add(value: number): void {
    if (Number.isNaN(value)) return
    const bounded = value < 0 ? 0 : value > largestValue ? largestValue : value
    if (bounded < smallestValue) {
      this.#zeros++
    } else {
      const index = Math.ceil(Math.log(bounded) * perLogarithm) - this.#offset
      if (index >= 0 && index < this.#bins.length) this.#bins[index] = (this.#bins[index] ?? 0) + 1
      else this.#addOutside(index + this.#offset)
    }
    this.#count++
    this.#sum += bounded
    if (bounded < this.#min) this.#min = bounded
    if (bounded > this.#max) this.#max = bounded
  }

  /** Adds all values of another sketch. */
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

  /** The value at a quantile from 0 to 1, within 1 %; 0 where nothing was added. */
  quantile(quantile: number): number {
    if (this.#count === 0) return 0
    const rank = Math.min(1, Math.max(0, quantile)) * (this.#count - 1)
    if (rank < this.#zeros) return 0
    let seen = this.#zeros
    for (let index = 0; index < this.#bins.length; index++) {
      seen += this.#bins[index] ?? 0
      if (seen > rank) return (2 * gamma ** (index + this.#offset)) / (1 + gamma)
    }
    return this.#max
  }

  /** The usual quantiles at once. */
  quantiles(): Quantiles {
    const at = (quantile: number): number => this.quantile(quantile)
    return {
      count: this.#count,
      min: this.#count === 0 ? 0 : this.#min,
      mean: this.#count === 0 ? 0 : this.#sum / this.#count,
      max: this.#count === 0 ? 0 : this.#max,
      p50: at(0.5),
      p90: at(0.9),
      p95: at(0.95),
      p99: at(0.99),
      p999: at(0.999),
    }
  }

  /** The share of values above a bound, from 0 to 1, within the sketch's accuracy. */
  shareAbove(bound: number): number {
    if (this.#count === 0) return 0
    if (bound < smallestValue) return (this.#count - this.#zeros) / this.#count
    const key = Math.ceil(Math.log(bound) * perLogarithm)
    let above = 0
    for (let index = Math.max(0, key - this.#offset + 1); index < this.#bins.length; index++)
      above += this.#bins[index] ?? 0
    return above / this.#count
  }

  /** The sketch as text, to be sent or stored: its bins' gaps and counts in base64. */
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

  /** @throws RangeError for text that {@link encode} did not make. */
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
      throw new RangeError('this is not the text of a sketch')
    }
    if (!numbers.every((number) => number === undefined || Number.isFinite(number)) || Math.abs(offset) > 10_000) {
      throw new RangeError('the text of a sketch holds a number that is out of range')
    }
    const sketch = new Sketch()
    let key = offset - 1
    const pairs = readVarints(Buffer.from(body, 'base64'))
    let total = zeros
    for (let index = 0; index + 1 < pairs.length; index += 2) {
      key += (pairs[index] ?? 0) + 1
      if (key > 10_000) throw new RangeError('the text of a sketch holds a bin that is out of range')
      sketch.#cover(key, key)
      sketch.#bins[key - sketch.#offset] = pairs[index + 1] ?? 0
      total += pairs[index + 1] ?? 0
    }
    if (total !== count) throw new RangeError('the bins of a sketch do not add up to its count')
    sketch.#zeros = zeros
    sketch.#count = count
    sketch.#sum = sum
    sketch.#min = min ?? Number.POSITIVE_INFINITY
    sketch.#max = max ?? Number.NEGATIVE_INFINITY
    return sketch
  }

  #addOutside(key: number): void {
    this.#cover(key, key)
    const index = key - this.#offset
    this.#bins[index] = (this.#bins[index] ?? 0) + 1
  }

  /** Grows the bins, in whole steps, until they hold the keys. */
  #cover(firstKey: number, lastKey: number): void {
    const length = this.#bins.length
    if (length > 0 && firstKey >= this.#offset && lastKey < this.#offset + length) return
    const low = Math.floor((length === 0 ? firstKey : Math.min(firstKey, this.#offset)) / binsPerStep) * binsPerStep
    const end = length === 0 ? lastKey + 1 : Math.max(lastKey + 1, this.#offset + length)
    const grown = new Float64Array(Math.ceil((end - low) / binsPerStep) * binsPerStep)
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
