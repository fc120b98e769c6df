import { messageOf } from '@node-to-cloud/command-line'
import { RetryLaterError } from '../model/ingester.ts'
import type { Labels } from '../model/labels/labels.ts'
import { PrometheusApiError } from '../targets/prometheus-api.ts'
import { type QueryPrometheus, queryRawSamples } from './raw-sample-query.ts'
import type { RawSamples } from './raw-samples.ts'

/** Prometheus can't answer a query, and retrying would not help. */
export class UnanswerableError extends Error {
  readonly code = 'ERR_UNANSWERABLE'
  /** Whether a smaller query might succeed. */
  readonly tooMuch: boolean

  constructor(message: string, options: ErrorOptions & { readonly tooMuch: boolean }) {
    super(message, options)
    this.name = 'UnanswerableError'
    this.tooMuch = options.tooMuch
  }
}

/** How long samples are held back while Prometheus does not answer. */
export const REJECT_FOR_MS = 60_000
/** How often it is queried after that. */
const TRY_AGAIN_MS = 15_000
/** A failure that comes later than this after the last one starts a new outage. */
const SAME_OUTAGE_MS = 30_000
const MAX_CONCURRENT = 4

/** Asks Prometheus for raw samples, a few queries at a time. */
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

  constructor(queryPrometheus: QueryPrometheus, externalLabels: () => Labels, nowMs: () => number) {
    this.#queryPrometheus = queryPrometheus
    this.#externalLabels = externalLabels
    this.#nowMs = nowMs
  }

  /**
   * The raw samples after `fromMs` up to `toMs`, by the `labelsKey` of their series. Rejects with a {@link
   * RetryLaterError} while Prometheus does not answer, and with an {@link UnanswerableError} if it refuses the query,
   * or has not answered for a minute while samples were held back.
   */
  async fetch(
    selector: string,
    { fromMs, toMs, holdsBack }: { readonly fromMs: number; readonly toMs: number; readonly holdsBack: boolean },
  ): Promise<ReadonlyMap<string, RawSamples>> {
    const externalLabels = this.#externalLabels()
    return this.run(() => queryRawSamples(this.#queryPrometheus, selector, { fromMs, toMs, externalLabels }), {
      holdsBack,
    })
  }

  /** Runs a query when its turn comes; rejects like {@link fetch}. */
  async run<Answer>(query: () => Promise<Answer>, { holdsBack }: { readonly holdsBack: boolean }): Promise<Answer> {
    if (this.#hasGivenUp && Math.abs(this.#nowMs() - this.#lastFailureMs) < TRY_AGAIN_MS) {
      throw new UnanswerableError(this.#lastFailure, { tooMuch: false })
    }
    await this.#start()
    try {
      const answer = await query()
      this.#failingSinceMs = undefined
      this.#hasGivenUp = false
      return answer
    } catch (cause) {
      throw this.#failure(cause, holdsBack)
    } finally {
      this.#running -= 1
      this.#waiting.shift()?.()
    }
  }

  #failure(cause: unknown, holdsBack: boolean): Error {
    const message = messageOf(cause)
    const status = cause instanceof PrometheusApiError ? cause.status : undefined
    // A Prometheus agent has no database, and reports that immediately.
    if (status !== undefined && status >= 400 && status < 500 && status !== 408 && status !== 429) {
      return new UnanswerableError(message, { cause, tooMuch: status === 422 && !/agent/i.test(message) })
    }
    if (holdsBack) this.#noteFailure(message)
    if (this.#hasGivenUp) return new UnanswerableError(message, { cause, tooMuch: false })
    return new RetryLaterError('targets', `Prometheus does not answer queries for missing samples: ${message}`, {
      cause,
    })
  }

  #noteFailure(message: string): void {
    const nowMs = this.#nowMs()
    // The clock may have been set back.
    const isSameOutage = Math.abs(nowMs - this.#lastFailureMs) <= SAME_OUTAGE_MS
    if (this.#failingSinceMs === undefined || !isSameOutage) this.#failingSinceMs = nowMs
    this.#hasGivenUp ||= Math.abs(nowMs - this.#failingSinceMs) >= REJECT_FOR_MS
    this.#lastFailureMs = nowMs
    this.#lastFailure = message
  }

  async #start(): Promise<void> {
    while (this.#running >= MAX_CONCURRENT) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#running += 1
  }
}
