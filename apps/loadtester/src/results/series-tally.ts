import { Sketch } from './sketch.ts'

/** Upper bounds, in seconds, of the buckets of `loadtester_request_duration_seconds`; the last bucket has none. */
export const durationBuckets: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
]

const maximumCodes = 50
const otherCode = 'other'

/** What was counted and measured of the requests of one (method, name). */
export class SeriesTally {
  readonly method: string
  readonly name: string
  /** Requests sent. */
  requests = 0
  /** Requests that ended, in a response or in a failure. */
  ended = 0
  /** Requests that ended without a response, or in one with a status of 400 or above. */
  failures = 0
  bytes = 0
  /** Responses by status code. */
  readonly statuses = new Map<string, number>()
  /** Failures by what failed: an error's code, or `HTTP <status>`. */
  readonly errors = new Map<string, number>()
  /** Counts of ended requests by {@link durationBuckets}, not cumulative. */
  readonly buckets = new Float64Array(durationBuckets.length + 1)
  /** Service time of ended requests in ms: sent until the last byte. */
  latency = new Sketch()
  /** Time to the response's first byte, in ms. */
  firstByte = new Sketch()

  constructor(method: string, name: string) {
    this.method = method
    this.name = name
  }

  /** Adds the end of one request. */
  addEnd(end: {
    /** Undefined for a request whose end nobody saw. */
    readonly durationMs: number | undefined
    readonly firstByteMs: number | undefined
    readonly status: number | undefined
    readonly error: string | undefined
    readonly bytes: number
  }): void {
    this.ended++
    this.bytes += end.bytes
    if (end.status !== undefined) count(this.statuses, String(end.status))
    const failure = end.error ?? (end.status !== undefined && end.status >= 400 ? `HTTP ${end.status}` : undefined)
    if (failure !== undefined) {
      this.failures++
      count(this.errors, failure)
    }
    if (end.durationMs === undefined) return
    const bucket = bucketOf(end.durationMs / 1000)
    this.buckets[bucket] = (this.buckets[bucket] ?? 0) + 1
    this.latency.add(end.durationMs)
    if (end.firstByteMs !== undefined) this.firstByte.add(end.firstByteMs)
  }

  /** Adds all of another tally. */
  merge(other: SeriesTally): void {
    this.requests += other.requests
    this.ended += other.ended
    this.failures += other.failures
    this.bytes += other.bytes
    mergeCounts(this.statuses, other.statuses)
    mergeCounts(this.errors, other.errors)
    for (const [index, value] of other.buckets.entries()) this.buckets[index] = (this.buckets[index] ?? 0) + value
    this.latency.merge(other.latency)
    this.firstByte.merge(other.firstByte)
  }
}

/** Adds to a counter of a bounded set: once there are too many codes, further ones count as `other`. */
export function count(counts: Map<string, number>, code: string, by = 1, maximum = maximumCodes): void {
  const key = counts.has(code) || counts.size < maximum ? code.slice(0, 200) : otherCode
  counts.set(key, (counts.get(key) ?? 0) + by)
}

export function mergeCounts(
  into: Map<string, number>,
  from: ReadonlyMap<string, number>,
  maximum = maximumCodes,
): void {
  for (const [code, value] of from) count(into, code, value, maximum)
}

function bucketOf(seconds: number): number {
  let low = 0
  let high = durationBuckets.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (seconds <= (durationBuckets[middle] ?? Number.POSITIVE_INFINITY)) high = middle
    else low = middle + 1
  }
  return low
}
