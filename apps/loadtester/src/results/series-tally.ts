import { Sketch } from './sketch.ts'

/** Upper bounds, in seconds, of the buckets of `loadtester_request_duration_seconds`, without `+Inf`. */
export const DURATION_BUCKETS: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
]

const MAX_CODES = 50
const OTHER_CODE = 'other'

/** The requests of one method and name: counts and distributions. */
export class SeriesTally {
  readonly method: string
  readonly name: string
  /** Requests that ended, by a response or a failure. Those in flight are not counted yet. */
  requests = 0
  /** The ones that ended without a response, or with a status of 400 or above. */
  failures = 0
  bytes = 0
  /** Responses by status code. */
  readonly statuses = new Map<string, number>()
  /** Failures by error code, or `HTTP <status>`. */
  readonly errors = new Map<string, number>()
  /** Ended requests by {@link DURATION_BUCKETS}, not cumulative. */
  readonly buckets = new Float64Array(DURATION_BUCKETS.length + 1)
  /** Response time of ended requests in ms: from sending to the last byte. */
  latency = new Sketch()
  /** Time to first byte, in ms. */
  firstByte = new Sketch()

  constructor(method: string, name: string) {
    this.method = method
    this.name = name
  }

  addEnd(end: {
    /** Undefined for a request whose end was not observed. */
    readonly durationMs: number | undefined
    readonly firstByteMs: number | undefined
    readonly status: number | undefined
    readonly error: string | undefined
    readonly bytes: number
  }): void {
    this.requests++
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

  merge(other: SeriesTally): void {
    this.requests += other.requests
    this.failures += other.failures
    this.bytes += other.bytes
    mergeCounts(this.statuses, other.statuses)
    mergeCounts(this.errors, other.errors)
    for (const [index, value] of other.buckets.entries()) this.buckets[index] = (this.buckets[index] ?? 0) + value
    this.latency.merge(other.latency)
    this.firstByte.merge(other.firstByte)
  }
}

/** Adds to one of a limited number of counters: beyond the maximum, further codes count as `other`. */
export function count(counts: Map<string, number>, code: string, by = 1, maximum = MAX_CODES): void {
  const key = counts.has(code) || counts.size < maximum ? code.slice(0, 200) : OTHER_CODE
  counts.set(key, (counts.get(key) ?? 0) + by)
}

/** Adds counters to others; beyond the maximum, further codes count as `other`. */
export function mergeCounts(into: Map<string, number>, from: ReadonlyMap<string, number>, maximum = MAX_CODES): void {
  for (const [code, value] of from) count(into, code, value, maximum)
}

function bucketOf(seconds: number): number {
  let low = 0
  let high = DURATION_BUCKETS.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (seconds <= (DURATION_BUCKETS[middle] ?? Number.POSITIVE_INFINITY)) high = middle
    else low = middle + 1
  }
  return low
}
