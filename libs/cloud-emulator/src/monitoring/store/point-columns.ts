import { isDistribution, type PointValue } from '../model/point-value.ts'
import {
  CHUNK_POINTS,
  type ChunkForm,
  type CountBytes,
  distributionForm,
  MAX_UINT16,
  MAX_UINT32,
  scalarForm,
  type TimeBytes,
} from './chunk-form.ts'
import { fitsDistribution, readDistribution, writeDistribution, writeFirstCounts } from './distribution-page.ts'
import type { Page, PagePool } from './page-pool.ts'

/** If a chunk ends with fewer points than this, its form is not suitable for the series. */
const SUITABLE_POINTS = CHUNK_POINTS / 2

/** Called for each point, oldest first. `startMicros` equals `endMicros` for a gauge. */
export type PointVisitor = (startMicros: number, endMicros: number, value: PointValue) => void

interface Chunk {
  readonly page: Page
  readonly form: ChunkForm
  readonly firstEndMicros: number
  lastEndMicros: number
  /** One start time for all points, or one for each; NaN means that it equals the end time. */
  starts: number | Float64Array
  length: number
}

type StoredType = 'BOOL' | 'INT64' | 'DOUBLE' | 'DISTRIBUTION'

/**
 * The points of a series by end time, in chunks of typed memory. A number takes 10 bytes, a distribution 18 bytes and 2
 * for each bucket; 2 or 4 more if times are finer than a millisecond or more than a minute apart, and 2 or 6 more for
 * each bucket if counts grow fast. Old chunks are dropped whole.
 */
export class PointColumns {
  readonly #type: StoredType
  readonly #pool: PagePool
  readonly #chunks: Chunk[] = []
  #timeBytes: TimeBytes = 2
  #countBytes: CountBytes = 2
  #length = 0
  #byteLength = 0
  #dropped = 0

  constructor(valueType: StoredType, pool: PagePool) {
    this.#type = valueType
    this.#pool = pool
  }

  get length(): number {
    return this.#length
  }

  /** The number of dropped points. If there are any, the first point is not the first that was written. */
  get dropped(): number {
    return this.#dropped
  }

  get byteLength(): number {
    return this.#byteLength
  }

  get firstEndMicros(): number | undefined {
    return this.#chunks[0]?.firstEndMicros
  }

  get lastEndMicros(): number | undefined {
    return this.#chunks.at(-1)?.lastEndMicros
  }

  get lastStartMicros(): number | undefined {
    const chunk = this.#chunks.at(-1)
    return chunk && startOf(chunk, chunk.length - 1, chunk.lastEndMicros)
  }

  get lastValue(): PointValue | undefined {
    const chunk = this.#chunks.at(-1)
    return chunk && this.#read(chunk, chunk.length - 1)
  }

  /** Adds a point, which must end after all others. */
  append(startMicros: number, endMicros: number, value: PointValue): void {
    const chunk = this.#chunkFor(endMicros, value)
    const index = chunk.length
    writeTime(chunk, index, endMicros - chunk.lastEndMicros)
    this.#setStart(chunk, index, startMicros === endMicros ? Number.NaN : startMicros)
    this.#write(chunk, index, value)
    chunk.lastEndMicros = endMicros
    chunk.length = index + 1
    this.#length++
  }

  /** Visits the newest point with `end <= untilMicros`, if there is one. */
  visitLast(untilMicros: number, visitor: PointVisitor): void {
    const chunk = this.#chunks.findLast(({ firstEndMicros }) => firstEndMicros <= untilMicros)
    if (!chunk) return
    let end = chunk.firstEndMicros
    let last = 0
    for (let index = 1; index < chunk.length; index++) {
      const next = end + readTime(chunk, index)
      if (next > untilMicros) break
      end = next
      last = index
    }
    visitor(startOf(chunk, last, end), end, this.#read(chunk, last))
  }

  /** Visits the oldest point with `end > afterMicros`, if there is one. */
  visitNext(afterMicros: number, visitor: PointVisitor): void {
    const chunk = this.#chunks.find(({ lastEndMicros }) => lastEndMicros > afterMicros)
    if (!chunk) return
    let end = chunk.firstEndMicros
    let index = 0
    while (end <= afterMicros) end += readTime(chunk, ++index)
    visitor(startOf(chunk, index, end), end, this.#read(chunk, index))
  }

  /** Visits the points with `afterMicros < end <= untilMicros`, oldest first. */
  visit(afterMicros: number, untilMicros: number, visitor: PointVisitor): void {
    for (const chunk of this.#chunks) {
      if (chunk.firstEndMicros > untilMicros) return
      if (chunk.lastEndMicros <= afterMicros) continue
      let end = chunk.firstEndMicros
      for (let index = 0; index < chunk.length; index++) {
        end += readTime(chunk, index)
        if (end > untilMicros) return
        if (end > afterMicros) visitor(startOf(chunk, index, end), end, this.#read(chunk, index))
      }
    }
  }

  /** The number of points with `afterMicros < end <= untilMicros`, and up to a chunk more at either end. */
  countWithin(afterMicros: number, untilMicros: number): number {
    let count = 0
    for (const { firstEndMicros, lastEndMicros, length } of this.#chunks)
      if (firstEndMicros <= untilMicros && lastEndMicros > afterMicros) count += length
    return count
  }

  /** Drops the chunks in which all points end at or before this time. Returns the number of points dropped. */
  dropUntil(endMicros: number): number {
    let chunks = 0
    let points = 0
    for (const chunk of this.#chunks) {
      if (chunk.lastEndMicros > endMicros) break
      chunks++
      points += chunk.length
      this.#byteLength -= bytesOf(chunk)
      this.#pool.release(chunk.page)
    }
    if (chunks > 0) this.#chunks.splice(0, chunks)
    this.#length -= points
    this.#dropped += points
    return points
  }

  #chunkFor(endMicros: number, value: PointValue): Chunk {
    const last = this.#chunks.at(-1)
    if (last && last.length < CHUNK_POINTS) {
      const timeFits = fitsTime(last.form, endMicros - last.lastEndMicros)
      const valueFits = !isDistribution(value) || fitsDistribution(last, value)
      if (timeFits && valueFits) return last
      if (!timeFits && last.length < SUITABLE_POINTS) this.#timeBytes = 4
      if (!valueFits && last.length < SUITABLE_POINTS && this.#countBytes === 2) this.#countBytes = 4
    }
    const form = this.#formFor(value)
    const chunk: Chunk = {
      page: this.#pool.take(form.pageBytes),
      form,
      firstEndMicros: endMicros,
      lastEndMicros: endMicros,
      starts: Number.NaN,
      length: 0,
    }
    if (form.countBytes === 2 && isDistribution(value)) writeFirstCounts(chunk, value)
    this.#chunks.push(chunk)
    this.#byteLength += bytesOf(chunk)
    return chunk
  }

  #formFor(value: PointValue): ChunkForm {
    if (!isDistribution(value)) return scalarForm(this.#timeBytes)
    const countBytes = this.#countBytes === 4 && value.count > MAX_UINT32 ? 8 : this.#countBytes
    return distributionForm(value.layout, { timeBytes: this.#timeBytes, countBytes })
  }

  #setStart(chunk: Chunk, index: number, start: number): void {
    if (typeof chunk.starts === 'number') {
      if (index === 0) {
        chunk.starts = start
        return
      }
      if (Object.is(chunk.starts, start)) return
      chunk.starts = new Float64Array(CHUNK_POINTS).fill(chunk.starts, 0, index)
      this.#byteLength += chunk.starts.byteLength
    }
    chunk.starts[index] = start
  }

  #write(chunk: Chunk, index: number, value: PointValue): void {
    const { slab, byteOffset } = chunk.page
    if (isDistribution(value)) writeDistribution(chunk, index, value)
    else if (this.#type === 'INT64')
      slab.integers[byteOffset / 8 + index] = typeof value === 'bigint' ? value : BigInt(Number(value))
    else slab.doubles[byteOffset / 8 + index] = Number(value)
  }

  #read(chunk: Chunk, index: number): PointValue {
    const { slab, byteOffset } = chunk.page
    if (this.#type === 'DISTRIBUTION') return readDistribution(chunk, index)
    if (this.#type === 'INT64') return slab.integers[byteOffset / 8 + index] ?? 0n
    const number = slab.doubles[byteOffset / 8 + index] ?? Number.NaN
    return this.#type === 'BOOL' ? number === 1 : number
  }
}

function fitsTime(form: ChunkForm, deltaMicros: number): boolean {
  return form.timeBytes === 2 ? deltaMicros % 1000 === 0 && deltaMicros <= MAX_UINT16 * 1000 : deltaMicros <= MAX_UINT32
}

function writeTime({ page, form }: Chunk, index: number, deltaMicros: number): void {
  const at = page.byteOffset + form.timesAt
  if (form.timeBytes === 2) page.slab.shorts[at / 2 + index] = deltaMicros / 1000
  else page.slab.words[at / 4 + index] = deltaMicros
}

function readTime({ page, form }: Chunk, index: number): number {
  const at = page.byteOffset + form.timesAt
  return form.timeBytes === 2 ? (page.slab.shorts[at / 2 + index] ?? 0) * 1000 : (page.slab.words[at / 4 + index] ?? 0)
}

function startOf(chunk: Chunk, index: number, endMicros: number): number {
  const start = typeof chunk.starts === 'number' ? chunk.starts : (chunk.starts[index] ?? Number.NaN)
  return Number.isNaN(start) ? endMicros : start
}

function bytesOf(chunk: Chunk): number {
  return chunk.form.pageBytes + (typeof chunk.starts === 'number' ? 0 : chunk.starts.byteLength)
}
