import { type Int64Like, int64ToNumber } from '../protos/int64.ts'
import type { BucketLayout } from './bucket-layout.ts'

const FIRST_CAPACITY = 8
const CHUNK_POINTS = 128
const MAX_OFFSET_MICROS = 0xffffffff
const MAX_UINT32 = 0xffffffff

/** The numbers of a distribution, without its exemplars. */
export interface DistributionValue {
  readonly layout: BucketLayout
  readonly count: number
  readonly mean: number
  readonly sumOfSquaredDeviation: number
  /** One number a bucket; trailing empty buckets are filled up with zeros. */
  readonly counts: ArrayLike<number>
}

export type PointValue = number | bigint | boolean | DistributionValue

/** Called for each point, oldest first. `startMicros` equals `endMicros` for a gauge. */
export type PointVisitor = (startMicros: number, endMicros: number, value: PointValue) => void

interface Values {
  readonly byteLength: number
  grow(capacity: number): void
  /** Whether the value can stand in this chunk, beside those already there. */
  fits(value: PointValue): boolean
  set(index: number, value: PointValue): void
  get(index: number): PointValue
}

interface Chunk {
  readonly baseMicros: number
  offsets: Uint32Array
  /** One start for all points, or one each; NaN says that start and end are equal. */
  starts: number | Float64Array
  length: number
  readonly values: Values
}

/**
 * The points of one series, by rising end time, in chunks of typed arrays: 12 bytes for a number, and for a distribution
 * 28 bytes and 4 a bucket. Old chunks are dropped whole.
 */
export class PointColumns {
  readonly #newValues: (first: PointValue) => Values
  readonly #chunks: Chunk[] = []
  #length = 0
  #byteLength = 0

  constructor(valueType: 'BOOL' | 'INT64' | 'DOUBLE' | 'DISTRIBUTION') {
    this.#newValues = VALUES_BY_TYPE[valueType]
  }

  get length(): number {
    return this.#length
  }

  /** The bytes held in typed arrays. */
  get byteLength(): number {
    return this.#byteLength
  }

  get firstEndMicros(): number | undefined {
    return this.#chunks[0]?.baseMicros
  }

  get lastEndMicros(): number | undefined {
    const chunk = this.#chunks.at(-1)
    return chunk && endOf(chunk, chunk.length - 1)
  }

  get lastStartMicros(): number | undefined {
    const chunk = this.#chunks.at(-1)
    return chunk && startOf(chunk, chunk.length - 1)
  }

  get lastValue(): PointValue | undefined {
    const chunk = this.#chunks.at(-1)
    return chunk?.values.get(chunk.length - 1)
  }

  /** Adds a point whose end time is after all others'. */
  append(startMicros: number, endMicros: number, value: PointValue): void {
    const chunk = this.#chunkFor(endMicros, value)
    const index = chunk.length
    chunk.offsets[index] = endMicros - chunk.baseMicros
    this.#setStart(chunk, index, startMicros === endMicros ? Number.NaN : startMicros)
    chunk.values.set(index, value)
    chunk.length = index + 1
    this.#length++
  }

  /** Visits the points with `afterMicros < end <= untilMicros`, oldest first. */
  visit(afterMicros: number, untilMicros: number, visitor: PointVisitor): void {
    for (const chunk of this.#chunks) {
      if (chunk.baseMicros > untilMicros) return
      if (endOf(chunk, chunk.length - 1) <= afterMicros) continue
      for (let index = 0; index < chunk.length; index++) {
        const end = endOf(chunk, index)
        if (end > untilMicros) return
        if (end > afterMicros) visitor(startOf(chunk, index), end, chunk.values.get(index))
      }
    }
  }

  /** Drops the chunks that hold only points with an end at or before this time. Gives the number of points dropped. */
  dropUntil(endMicros: number): number {
    let chunks = 0
    let points = 0
    for (const chunk of this.#chunks) {
      if (endOf(chunk, chunk.length - 1) > endMicros) break
      chunks++
      points += chunk.length
      this.#byteLength -= bytesOf(chunk)
    }
    if (chunks > 0) this.#chunks.splice(0, chunks)
    this.#length -= points
    return points
  }

  #chunkFor(endMicros: number, value: PointValue): Chunk {
    const last = this.#chunks.at(-1)
    if (
      last &&
      last.length < CHUNK_POINTS &&
      endMicros - last.baseMicros <= MAX_OFFSET_MICROS &&
      last.values.fits(value)
    ) {
      if (last.length === last.offsets.length) this.#grow(last)
      return last
    }
    const chunk: Chunk = {
      baseMicros: endMicros,
      offsets: new Uint32Array(FIRST_CAPACITY),
      starts: Number.NaN,
      length: 0,
      values: this.#newValues(value),
    }
    this.#chunks.push(chunk)
    this.#byteLength += bytesOf(chunk)
    return chunk
  }

  #grow(chunk: Chunk): void {
    const before = bytesOf(chunk)
    const capacity = Math.min(chunk.offsets.length * 2, CHUNK_POINTS)
    chunk.offsets = copyInto(new Uint32Array(capacity), chunk.offsets)
    if (typeof chunk.starts !== 'number') chunk.starts = copyInto(new Float64Array(capacity), chunk.starts)
    chunk.values.grow(capacity)
    this.#byteLength += bytesOf(chunk) - before
  }

  #setStart(chunk: Chunk, index: number, start: number): void {
    if (typeof chunk.starts === 'number') {
      if (index === 0) {
        chunk.starts = start
        return
      }
      if (Object.is(chunk.starts, start)) return
      chunk.starts = new Float64Array(chunk.offsets.length).fill(chunk.starts, 0, index)
      this.#byteLength += chunk.starts.byteLength
    }
    chunk.starts[index] = start
  }
}

function endOf(chunk: Chunk, index: number): number {
  return chunk.baseMicros + (chunk.offsets[index] ?? 0)
}

function startOf(chunk: Chunk, index: number): number {
  const start = typeof chunk.starts === 'number' ? chunk.starts : (chunk.starts[index] ?? Number.NaN)
  return Number.isNaN(start) ? endOf(chunk, index) : start
}

function bytesOf(chunk: Chunk): number {
  return (
    chunk.offsets.byteLength +
    (typeof chunk.starts === 'number' ? 0 : chunk.starts.byteLength) +
    chunk.values.byteLength
  )
}

function copyInto<T extends Uint32Array | Float64Array | Uint8Array>(target: T, source: T): T {
  target.set(source)
  return target
}

class DoubleValues implements Values {
  #values = new Float64Array(FIRST_CAPACITY)

  get byteLength(): number {
    return this.#values.byteLength
  }

  grow(capacity: number): void {
    this.#values = copyInto(new Float64Array(capacity), this.#values)
  }

  fits(): boolean {
    return true
  }

  set(index: number, value: PointValue): void {
    this.#values[index] = Number(value)
  }

  get(index: number): PointValue {
    return this.#values[index] ?? Number.NaN
  }
}

class BoolValues implements Values {
  #values = new Uint8Array(FIRST_CAPACITY)

  get byteLength(): number {
    return this.#values.byteLength
  }

  grow(capacity: number): void {
    this.#values = copyInto(new Uint8Array(capacity), this.#values)
  }

  fits(): boolean {
    return true
  }

  set(index: number, value: PointValue): void {
    this.#values[index] = value === true ? 1 : 0
  }

  get(index: number): PointValue {
    return this.#values[index] === 1
  }
}

class Int64Values implements Values {
  #values = new BigInt64Array(FIRST_CAPACITY)

  get byteLength(): number {
    return this.#values.byteLength
  }

  grow(capacity: number): void {
    const grown = new BigInt64Array(capacity)
    grown.set(this.#values)
    this.#values = grown
  }

  fits(): boolean {
    return true
  }

  set(index: number, value: PointValue): void {
    this.#values[index] = typeof value === 'bigint' ? value : BigInt(Number(value))
  }

  get(index: number): PointValue {
    return this.#values[index] ?? 0n
  }
}

class DistributionValues implements Values {
  readonly #layout: BucketLayout
  #moments = new Float64Array(FIRST_CAPACITY * 3)
  #counts: Uint32Array | Float64Array

  constructor({ layout, count }: DistributionValue) {
    this.#layout = layout
    const size = FIRST_CAPACITY * layout.buckets
    this.#counts = count > MAX_UINT32 ? new Float64Array(size) : new Uint32Array(size)
  }

  get byteLength(): number {
    return this.#moments.byteLength + this.#counts.byteLength
  }

  grow(capacity: number): void {
    this.#moments = copyInto(new Float64Array(capacity * 3), this.#moments)
    const size = capacity * this.#layout.buckets
    this.#counts =
      this.#counts instanceof Uint32Array
        ? copyInto(new Uint32Array(size), this.#counts)
        : copyInto(new Float64Array(size), this.#counts)
  }

  fits(value: PointValue): boolean {
    if (!isDistribution(value) || value.layout.key !== this.#layout.key) return false
    return this.#counts instanceof Float64Array || value.count <= MAX_UINT32
  }

  set(index: number, value: PointValue): void {
    if (!isDistribution(value)) throw new TypeError('a distribution was expected')
    this.#moments.set([value.count, value.mean, value.sumOfSquaredDeviation], index * 3)
    const offset = index * this.#layout.buckets
    for (let bucket = 0; bucket < value.counts.length; bucket++)
      this.#counts[offset + bucket] = value.counts[bucket] ?? 0
  }

  get(index: number): DistributionValue {
    const offset = index * this.#layout.buckets
    return {
      layout: this.#layout,
      count: this.#moments[index * 3] ?? 0,
      mean: this.#moments[index * 3 + 1] ?? 0,
      sumOfSquaredDeviation: this.#moments[index * 3 + 2] ?? 0,
      counts: this.#counts.subarray(offset, offset + this.#layout.buckets),
    }
  }
}

const VALUES_BY_TYPE = {
  BOOL: () => new BoolValues(),
  INT64: () => new Int64Values(),
  DOUBLE: () => new DoubleValues(),
  DISTRIBUTION: (first: PointValue) => {
    if (!isDistribution(first)) throw new TypeError('a distribution was expected')
    return new DistributionValues(first)
  },
} satisfies Record<string, (first: PointValue) => Values>

export function isDistribution(value: PointValue): value is DistributionValue {
  return typeof value === 'object'
}

/** A point's value as one number: a distribution gives its mean, a boolean 0 or 1. */
export function numberOf(value: PointValue): number {
  return isDistribution(value) ? value.mean : Number(value)
}

/** The value of a decoded distribution message, without its exemplars. */
export function distributionValue(
  message: { count: Int64Like; mean: number; sumOfSquaredDeviation: number; bucketCounts: readonly Int64Like[] },
  layout: BucketLayout,
): DistributionValue {
  return {
    layout,
    count: int64ToNumber(message.count),
    mean: message.mean,
    sumOfSquaredDeviation: message.sumOfSquaredDeviation,
    counts: message.bucketCounts.map(int64ToNumber),
  }
}
