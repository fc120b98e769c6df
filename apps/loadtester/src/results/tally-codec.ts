import { messageOf } from '@node-to-cloud/command-line'
import { DURATION_BUCKETS, type SeriesTally } from './series-tally.ts'
import { Sketch } from './sketch.ts'
import { MAX_NAME_LENGTH, MAX_TRACEBACK_LENGTH, Tally } from './tally.ts'

const TALLY_COUNTS = [
  'arrivals',
  'usersCompleted',
  'usersFailed',
  'usersFailedByRequest',
  'usersCut',
  'usersSkipped',
  'suggestedExitCode',
] as const
const TALLY_SKETCHES = ['lag', 'intended', 'sessions'] as const
const TALLY_COUNTERS = ['errors', 'userFailures', 'exceptions', 'counters', 'rates'] as const
const SERIES_COUNTS = ['requests', 'failures', 'bytes'] as const
const SERIES_SKETCHES = ['latency', 'firstByte'] as const
const SERIES_COUNTERS = ['statuses', 'errors'] as const

type CountData = readonly (readonly [string, number])[]

/** A tally as JSON data: counters as pairs, sketches as strings. */
export type TallyData = Readonly<Record<(typeof TALLY_COUNTS)[number], number>> &
  Readonly<Record<(typeof TALLY_SKETCHES)[number], string>> &
  Readonly<Record<(typeof TALLY_COUNTERS)[number], CountData>> & {
    readonly histograms: readonly (readonly [string, string])[]
    /** By the first digit of the status. */
    readonly statusLatency: readonly (readonly [number, string])[]
    readonly tracebacks: readonly (readonly [string, string])[]
    readonly series: readonly SeriesData[]
  }

export type SeriesData = Readonly<Record<(typeof SERIES_COUNTS)[number], number>> &
  Readonly<Record<(typeof SERIES_SKETCHES)[number], string>> &
  Readonly<Record<(typeof SERIES_COUNTERS)[number], CountData>> & {
    readonly method: string
    readonly name: string
    readonly buckets: readonly number[]
  }

/** Longest list in an encoded tally. */
const MAX_ITEMS = 10_000
const MAX_METHOD_LENGTH = 100
/** An encoded sketch has at most some thousand bins. */
const MAX_SKETCH_LENGTH = 100_000

/** The data is not an encoded tally. */
export class TallyError extends Error {
  readonly code = 'ERR_TALLY'
}

/** Encodes a tally with all of its series. */
export function encodeTally(tally: Tally): TallyData {
  return {
    ...pick(tally, TALLY_COUNTS, (count) => count),
    ...pick(tally, TALLY_SKETCHES, (sketch) => sketch.encode()),
    ...pick(tally, TALLY_COUNTERS, (counts) => [...counts]),
    histograms: [...tally.histograms].map(([name, sketch]) => [name, sketch.encode()] as const),
    statusLatency: [...tally.statusLatency].map(([digit, sketch]) => [digit, sketch.encode()] as const),
    tracebacks: [...tally.tracebacks],
    series: [...tally.series.values()].map(encodeSeries),
  }
}

function encodeSeries(series: SeriesTally): SeriesData {
  const { method, name, buckets } = series
  return {
    ...{ method, name, buckets: [...buckets] },
    ...pick(series, SERIES_COUNTS, (count) => count),
    ...pick(series, SERIES_SKETCHES, (sketch) => sketch.encode()),
    ...pick(series, SERIES_COUNTERS, (counts) => [...counts]),
  }
}

function pick<Source, Name extends keyof Source & string, Value>(
  source: Source,
  names: readonly Name[],
  map: (value: Source[Name]) => Value,
): Record<Name, Value> {
  return Object.fromEntries(names.map((name) => [name, map(source[name])])) as Record<Name, Value>
}

/**
 * Decodes a tally with all of its series.
 *
 * @throws TallyError for data that {@link encodeTally} did not produce.
 */
export function decodeTally(data: unknown): Tally {
  try {
    const record = asObject(data)
    const tally = new Tally({ maximumSeries: MAX_ITEMS })
    for (const name of TALLY_COUNTS) tally[name] = asCount(record[name])
    for (const name of TALLY_SKETCHES) tally[name] = asSketch(record[name])
    for (const name of TALLY_COUNTERS) addCounts(tally[name], record[name])
    for (const pair of asList(record.histograms)) {
      const [name, sketch] = asList(pair)
      tally.histograms.set(asString(name, MAX_NAME_LENGTH), asSketch(sketch))
    }
    for (const pair of asList(record.statusLatency)) {
      const [digit, sketch] = asList(pair)
      if (typeof digit !== 'number' || !Number.isInteger(digit) || digit < 0 || digit > 9)
        throw new TallyError('a status must begin with a digit')
      tally.statusLatency.set(digit, asSketch(sketch))
    }
    for (const pair of asList(record.tracebacks)) {
      const [reason, traceback] = asList(pair)
      tally.addTraceback(asString(reason, MAX_NAME_LENGTH), asString(traceback))
    }
    for (const series of asList(record.series)) decodeSeries(tally, asObject(series))
    return tally
  } catch (error) {
    if (error instanceof TallyError) throw error
    throw new TallyError(`a tally can't be decoded: ${messageOf(error)}`, { cause: error })
  }
}

function decodeSeries(tally: Tally, record: Record<string, unknown>): void {
  const series = tally.seriesOf(asString(record.method, MAX_METHOD_LENGTH), asString(record.name, MAX_NAME_LENGTH))
  for (const name of SERIES_COUNTS) series[name] += asCount(record[name])
  for (const name of SERIES_SKETCHES) series[name].merge(asSketch(record[name]))
  for (const name of SERIES_COUNTERS) addCounts(series[name], record[name])
  const buckets = asList(record.buckets)
  if (buckets.length !== DURATION_BUCKETS.length + 1)
    throw new TallyError(`a series must have ${DURATION_BUCKETS.length + 1} buckets`)
  for (const [index, value] of buckets.entries()) series.buckets[index] = (series.buckets[index] ?? 0) + asCount(value)
}

function addCounts(counts: Map<string, number>, data: unknown): void {
  for (const pair of asList(data)) {
    const [code, value] = asList(pair)
    if (typeof value !== 'number' || !Number.isFinite(value)) throw new TallyError('a count must be a finite number')
    const name = asString(code, MAX_NAME_LENGTH)
    counts.set(name, (counts.get(name) ?? 0) + value)
  }
}

function asObject(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new TallyError('a tally must be an object')
  return value as Record<string, unknown>
}

function asList(value: unknown): readonly unknown[] {
  if (!Array.isArray(value) || value.length > MAX_ITEMS)
    throw new TallyError(`expected a list of at most ${MAX_ITEMS} items`)
  return value
}

function asString(value: unknown, maximumLength = MAX_TRACEBACK_LENGTH): string {
  if (typeof value !== 'string' || value.length > maximumLength)
    throw new TallyError(`expected a string of at most ${maximumLength} characters`)
  return value
}

function asSketch(value: unknown): Sketch {
  return Sketch.decode(asString(value, MAX_SKETCH_LENGTH))
}

function asCount(value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0)
    throw new TallyError('a count must be a number of at least 0')
  return value
}
