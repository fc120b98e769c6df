import { durationBuckets, type SeriesTally } from './series-tally.ts'
import { Sketch } from './sketch.ts'
import { Tally } from './tally.ts'

/** A tally as plain data, to be sent as JSON. Counts come as pairs, sketches as text. */
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

/** What was sent is no tally. */
export class TallyError extends Error {
  readonly code = 'BAD_TALLY'
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
 * Reads a tally from what was sent.
 *
 * @throws TallyError for anything that {@link encodeTally} did not make.
 */
export function decodeTally(data: unknown, options: { readonly maximumSeries?: number | undefined } = {}): Tally {
  try {
    const record = asRecord(data)
    const tally = new Tally(options)
    tally.arrivals = asCount(record.arrivals)
    tally.usersCompleted = asCount(record.usersCompleted)
    tally.usersFailed = asCount(record.usersFailed)
    tally.usersSkipped = asCount(record.usersSkipped)
    tally.lag = Sketch.decode(asText(record.lag))
    tally.intended = Sketch.decode(asText(record.intended))
    tally.sessions = Sketch.decode(asText(record.sessions))
    fill(tally.errors, record.errors)
    fill(tally.counters, record.counters)
    for (const pair of asList(record.histograms)) {
      const [name, sketch] = asList(pair)
      tally.histograms.set(asText(name), Sketch.decode(asText(sketch)))
    }
    for (const series of asList(record.series)) decodeSeries(tally, asRecord(series))
    return tally
  } catch (error) {
    if (error instanceof TallyError) throw error
    throw new TallyError(`a tally can't be read: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
}

function decodeSeries(tally: Tally, record: Record<string, unknown>): void {
  const series = tally.seriesOf(asText(record.method), asText(record.name))
  series.requests += asCount(record.requests)
  series.ended += asCount(record.ended)
  series.failures += asCount(record.failures)
  series.bytes += asCount(record.bytes)
  fill(series.statuses, record.statuses)
  fill(series.errors, record.errors)
  const buckets = asList(record.buckets)
  if (buckets.length !== durationBuckets.length + 1)
    throw new TallyError(`a series must have ${durationBuckets.length + 1} buckets`)
  for (const [index, value] of buckets.entries()) series.buckets[index] = (series.buckets[index] ?? 0) + asCount(value)
  series.latency.merge(Sketch.decode(asText(record.latency)))
  series.firstByte.merge(Sketch.decode(asText(record.firstByte)))
}

function fill(counts: Map<string, number>, data: unknown): void {
  for (const pair of asList(data)) {
    const [code, value] = asList(pair)
    if (typeof value !== 'number' || !Number.isFinite(value)) throw new TallyError('a count must be a finite number')
    counts.set(asText(code), (counts.get(asText(code)) ?? 0) + value)
  }
}

function asRecord(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new TallyError('a tally must be an object')
  return value as Record<string, unknown>
}

function asList(value: unknown): readonly unknown[] {
  if (!Array.isArray(value) || value.length > 10_000) throw new TallyError('a list of at most 10000 items is expected')
  return value
}

function asText(value: unknown): string {
  if (typeof value !== 'string') throw new TallyError('a text is expected')
  return value
}

function asCount(value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0)
    throw new TallyError('a count must be a number of at least 0')
  return value
}
