import { messageOf } from '@node-to-cloud/command-line'
import { RetryLaterError } from '../model/ingester.ts'
import type { Labels } from '../model/labels/labels.ts'
import { PrometheusApiError } from '../targets/prometheus-api.ts'
import { type QueryPrometheus, queryRawSamples } from './raw-sample-query.ts'
import type { RawSamples } from './raw-samples.ts'

/** Prometheus can't answer a query, and it is not worth retrying. */
export class PermanentQueryError extends Error {
  readonly code = 'ERR_PERMANENT_QUERY'

  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'PermanentQueryError'
  }
}

/** Prometheus refused a query, but may answer a smaller one. */
export class QueryTooLargeError extends Error {
  readonly code = 'ERR_QUERY_TOO_LARGE'

  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'QueryTooLargeError'
  }
}

/**
 * How long samples are held back while Prometheus does not answer. While it stops it sends them for its flush deadline,
 * by default a minute, with its database closed. What it can't send then is found in the database once it runs again.
 */
const REJECT_FOR_MS = 180_000
/** The longest pause between queries after that. */
const MAX_PAUSE_MS = 15_000
/** The pause after a failure is this many times as long as the failure took. */
const PAUSE_PER_FAILURE = 10
/** A failure that comes later than this after the last one starts a new outage. */
const SAME_OUTAGE_MS = 30_000
const MAX_CONCURRENT = 4
/** The statuses by which another kind of server, or Prometheus of another version, refuses a query for good. */
const REFUSALS = new Set([400, 404, 405, 501])
const UNPROCESSABLE = 422

/** What a query is for, on which its handling of failures depends. */
export interface QueryOptions {
  /** Whether samples wait for the response. */
  readonly holdsBack: boolean
  /** Whether there is a smaller query to try. */
  readonly canShrink: boolean
}

/** Queries Prometheus for raw samples, a few queries at a time. */
export class GapQueries {
  readonly #queryPrometheus: QueryPrometheus
  readonly #externalLabels: () => Labels
  readonly #nowMs: () => number
  readonly #waiting: (() => void)[] = []
  #running = 0
  #failingSinceMs: number | undefined
  #hasGivenUp = false
  #lastFailureMs = Number.NEGATIVE_INFINITY
  #lastFailure = ''
  #pauseMs = 0

  constructor(queryPrometheus: QueryPrometheus, externalLabels: () => Labels, nowMs: () => number) {
    this.#queryPrometheus = queryPrometheus
    this.#externalLabels = externalLabels
    this.#nowMs = nowMs
  }

  /**
   * The raw samples after `fromMs` up to `toMs`, by the `labelsKey` of their series. Rejects with a {@link
   * RetryLaterError} while Prometheus does not answer, with a {@link QueryTooLargeError} if a smaller query may
   * succeed, and with a {@link PermanentQueryError} if it refuses the query, or has not answered for three minutes
   * while samples were held back.
   */
  async fetch(
    selector: string,
    { fromMs, toMs, ...options }: QueryOptions & { readonly fromMs: number; readonly toMs: number },
  ): Promise<ReadonlyMap<string, RawSamples>> {
    const externalLabels = this.#externalLabels()
    return this.run(() => queryRawSamples(this.#queryPrometheus, selector, { fromMs, toMs, externalLabels }), options)
  }

  /** Runs a query when its turn comes; rejects like {@link fetch}. */
  async run<Result>(query: () => Promise<Result>, options: QueryOptions): Promise<Result> {
    if (this.#hasGivenUp && Math.abs(this.#nowMs() - this.#lastFailureMs) < this.#pauseMs) {
      throw new PermanentQueryError(this.#lastFailure)
    }
    await this.#start()
    const startMs = this.#nowMs()
    try {
      const result = await query()
      this.#failingSinceMs = undefined
      this.#hasGivenUp = false
      return result
    } catch (cause) {
      throw this.#failure(cause, startMs, options)
    } finally {
      this.#running -= 1
      this.#waiting.shift()?.()
    }
  }

  #failure(cause: unknown, startMs: number, { holdsBack, canShrink }: QueryOptions): Error {
    const message = messageOf(cause)
    const status = cause instanceof PrometheusApiError ? cause.status : undefined
    // A Prometheus agent has no database, and reports that immediately.
    const isAgent = status === UNPROCESSABLE && /agent/i.test(message)
    if (isAgent || (status !== undefined && REFUSALS.has(status))) return new PermanentQueryError(message, { cause })
    // Also what Prometheus answers while its database is closed, or if it is too slow.
    if (status === UNPROCESSABLE && canShrink) return new QueryTooLargeError(message, { cause })
    if (holdsBack) this.#noteFailure(message, startMs)
    if (this.#hasGivenUp) return new PermanentQueryError(message, { cause })
    return new RetryLaterError('targets', `Prometheus does not answer queries for missing samples: ${message}`, {
      cause,
    })
  }

  #noteFailure(message: string, startMs: number): void {
    const nowMs = this.#nowMs()
    // The clock may have been set back.
    const isSameOutage = Math.abs(nowMs - this.#lastFailureMs) <= SAME_OUTAGE_MS
    if (this.#failingSinceMs === undefined || !isSameOutage) this.#failingSinceMs = nowMs
    this.#hasGivenUp ||= Math.abs(nowMs - this.#failingSinceMs) >= REJECT_FOR_MS
    this.#pauseMs = Math.min(MAX_PAUSE_MS, Math.abs(nowMs - startMs) * PAUSE_PER_FAILURE)
    this.#lastFailureMs = nowMs
    this.#lastFailure = message
  }

  async #start(): Promise<void> {
    while (this.#running >= MAX_CONCURRENT) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#running += 1
  }
}
