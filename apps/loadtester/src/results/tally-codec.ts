import { messageOf } from '@node-to-cloud/command-line'
import { DURATION_BUCKETS, type SeriesTally } from './series-tally.ts'
import { Sketch } from './sketch.ts'
import { Tally } from './tally.ts'

/** A tally as JSON data: counts as pairs, sketches as strings. */
export interface TallyData {
  readonly arrivals: number
  readonly usersCompleted: number
  readonly usersFailed: number
  readonly usersSkipped: number
  readonly lag: string
  readonly intended: string
  readonly sessions: string
  readonly errors: CountData
  readonly counters: CountData
  readonly histograms: readonly (readonly [string, string])[]
  readonly series: readonly SeriesData[]
}

export type CountData = readonly (readonly [string, number])[]

export interface SeriesData {
  readonly method: string
  readonly name: string
  readonly requests: number
  readonly ended: number
  readonly failures: number
  readonly bytes: number
  readonly statuses: CountData
  readonly errors: CountData
  readonly buckets: readonly number[]
  readonly latency: string
  readonly firstByte: string
}

/** Longest list in an encoded tally. */
const MAXIMUM_ITEMS = 10_000

/** The data is not an encoded tally. */
export class TallyError extends Error {
  readonly code = 'ERR_TALLY'
}

export function encodeTally(tally: Tally): TallyData {
  return {
    arrivals: tally.arrivals,
    usersCompleted: tally.usersCompleted,
    usersFailed: tally.usersFailed,
    usersSkipped: tally.usersSkipped,
    lag: tally.lag.encode(),
    intended: tally.intended.encode(),
    sessions: tally.sessions.encode(),
    errors: [...tally.errors],
    counters: [...tally.counters],
    histograms: [...tally.histograms].map(([name, sketch]) => [name, sketch.encode()] as const),
    series: [...tally.series.values()].map(encodeSeries),
  }
}

function encodeSeries(series: SeriesTally): SeriesData {
  return {
    method: series.method,
    name: series.name,
    requests: series.requests,
    ended: series.ended,
    failures: series.failures,
    bytes: series.bytes,
    statuses: [...series.statuses],
    errors: [...series.errors],
    buckets: [...series.buckets],
    latency: series.latency.encode(),
    firstByte: series.firstByte.encode(),
  }
}

/**
 * Decodes a tally with all of its series.
 *
 * @throws TallyError for data that {@link encodeTally} did not produce.
 */
export function decodeTally(data: unknown): Tally {
  try {
    const record = asObject(data)
    const tally = new Tally({ maximumSeries: MAXIMUM_ITEMS })
    tally.arrivals = asCount(record.arrivals)
    tally.usersCompleted = asCount(record.usersCompleted)
    tally.usersFailed = asCount(record.usersFailed)
    tally.usersSkipped = asCount(record.usersSkipped)
    tally.lag = asSketch(record.lag)
    tally.intended = asSketch(record.intended)
    tally.sessions = asSketch(record.sessions)
    addCounts(tally.errors, record.errors)
    addCounts(tally.counters, record.counters)
    for (const pair of asList(record.histograms)) {
      const [name, sketch] = asList(pair)
      tally.histograms.set(asString(name), asSketch(sketch))
    }
    for (const series of asList(record.series)) decodeSeries(tally, asObject(series))
    return tally
  } catch (error) {
    if (error instanceof TallyError) throw error
    throw new TallyError(`a tally can't be decoded: ${messageOf(error)}`, { cause: error })
  }
}

function decodeSeries(tally: Tally, record: Record<string, unknown>): void {
  const series = tally.seriesOf(asString(record.method), asString(record.name))
  series.requests += asCount(record.requests)
  series.ended += asCount(record.ended)
  series.failures += asCount(record.failures)
  series.bytes += asCount(record.bytes)
  addCounts(series.statuses, record.statuses)
  addCounts(series.errors, record.errors)
  const buckets = asList(record.buckets)
  if (buckets.length !== DURATION_BUCKETS.length + 1)
    throw new TallyError(`a series must have ${DURATION_BUCKETS.length + 1} buckets`)
  for (const [index, value] of buckets.entries()) series.buckets[index] = (series.buckets[index] ?? 0) + asCount(value)
  series.latency.merge(asSketch(record.latency))
  series.firstByte.merge(asSketch(record.firstByte))
}

function addCounts(counts: Map<string, number>, data: unknown): void {
  for (const pair of asList(data)) {
    const [code, value] = asList(pair)
    if (typeof value !== 'number' || !Number.isFinite(value)) throw new TallyError('a count must be a finite number')
    counts.set(asString(code), (counts.get(asString(code)) ?? 0) + value)
  }
}

function asObject(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new TallyError('a tally must be an object')
  return value as Record<string, unknown>
}

function asList(value: unknown): readonly unknown[] {
  if (!Array.isArray(value) || value.length > MAXIMUM_ITEMS)
    throw new TallyError(`expected a list of at most ${MAXIMUM_ITEMS} items`)
  return value
}

function asString(value: unknown): string {
  if (typeof value !== 'string') throw new TallyError('expected a string')
  return value
}

function asSketch(value: unknown): Sketch {
  return Sketch.decode(asString(value))
}

function asCount(value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0)
    throw new TallyError('a count must be a number of at least 0')
  return value
}
