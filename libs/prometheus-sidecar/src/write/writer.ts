import { status } from '@grpc/grpc-js'
import { debug } from '../log/debug-log.ts'
import {
  type ApiError,
  isOrderRefusal,
  isRateRefusal,
  type PointRefusal,
  readRefusedRequest,
  retryClass,
} from './api-error.ts'
import { type BackoffOptions, backoffMs } from './backoff.ts'
import { ConcurrencyLimit } from './concurrency-limit.ts'
import { OldestPoints } from './oldest-points.ts'
import { ReadyQueues } from './ready-queues.ts'
import { RequestWriters } from './request-writers.ts'
import type { PointOutcome, QueuedPoint, SeriesQueue } from './series-queue.ts'
import { encodeRequest, requestBytes } from './time-series-encoding.ts'

/**
 * Sends one encoded `CreateTimeSeriesRequest`; rejects with an {@link ApiError}. Once it has resolved, the bytes are
 * those of another request; if it rejects, they stay as they are, since the call may not be over everywhere.
 */
export type CreateTimeSeries = (
  request: Buffer,
  options: { readonly timeoutMs: number; readonly signal: AbortSignal },
) => Promise<void>

/** Options of {@link Writer}. */
export interface WriterOptions {
  /** `projects/ID`. */
  readonly projectName: string
  readonly createTimeSeries: CreateTimeSeries
  readonly observer: WriterObserver
  readonly timeoutMs?: number
  readonly backoff?: BackoffOptions
  /** Used while access is refused or the address is wrong. */
  readonly waitBackoff?: BackoffOptions
  readonly maxConcurrency?: number
  readonly initialConcurrency?: number
  /** Without requests for this long, the concurrency starts anew. */
  readonly pauseMs?: number
  /** If there are more, new points displace the oldest. Default: no limit; the caller must limit them. */
  readonly maxQueuedPoints?: number | undefined
}

/** Observes requests; must not throw. */
export interface WriterObserver {
  requestEnded(outcome: { readonly code: number; readonly series: number; readonly durationMs: number }): void
  retrying(retry: {
    readonly code: number
    readonly message: string
    readonly series: number
    readonly waitMs: number
  }): void
}

/**
 * Writes queued points: requests of up to 200 series with one point each, the next point of a series when the previous
 * one is settled, and as many concurrent requests as the API can handle. A point is retried until it is stored or
 * refused for good.
 */
export class Writer {
  readonly #options: WriterOptions
  readonly #limit: ConcurrencyLimit
  readonly #backoff: BackoffOptions
  readonly #waitBackoff: BackoffOptions
  readonly #abort = new AbortController()
  readonly #idle: (() => void)[] = []
  /** Ends the current backoffs. */
  readonly #waiting = new Set<() => void>()
  readonly #ready = new ReadyQueues()
  readonly #writers = new RequestWriters()
  /** Only if the number of points is limited. */
  readonly #oldest: OldestPoints | undefined
  #requestsInFlight = 0
  #queuedPoints = 0
  #pumpScheduled = false
  #sequence = 0
  /** When the last request ended, while there is none. */
  #idleSinceMs = 0
  #lastSuccessMs = Number.NaN
  #failing: { readonly sinceMs: number; readonly message: string; readonly code: number } | undefined

  constructor(options: WriterOptions) {
    this.#options = options
    this.#oldest = options.maxQueuedPoints === undefined ? undefined : new OldestPoints()
    this.#limit = new ConcurrencyLimit({
      initial: options.initialConcurrency ?? 4,
      max: options.maxConcurrency ?? 64,
    })
    this.#backoff = options.backoff ?? { baseMs: 100, maxMs: 10_000 }
    this.#waitBackoff = options.waitBackoff ?? { baseMs: 1_000, maxMs: 30_000 }
  }

  /** Points queued or in flight. */
  get queuedPoints(): number {
    return this.#queuedPoints
  }

  get requestsInFlight(): number {
    return this.#requestsInFlight
  }

  /** Current maximum number of requests in flight. */
  get concurrency(): number {
    return this.#limit.current
  }

  /** When the API last answered (Unix milliseconds; NaN: never), and since when it has been failing, if it is. */
  get health(): {
    readonly lastSuccessMs: number
    readonly failing: { readonly sinceMs: number; readonly message: string; readonly code: number } | undefined
  } {
    return { lastSuccessMs: this.#lastSuccessMs, failing: this.#failing }
  }

  /** Appends a point to its queue. A mark with nothing in front of it is settled immediately. */
  enqueue(queue: SeriesQueue, queued: QueuedPoint): void {
    this.#sequence = (this.#sequence + 1) | 0
    queued.sequence = this.#sequence
    queue.push(queued)
    if (queued.point === undefined) {
      if (!queue.inFlight) queue.settleMarks()
      return
    }
    this.#queuedPoints += 1
    this.#makeRoom(queue, queued)
    this.#ready.add(queue)
    if (!this.#pumpScheduled) this.#schedulePump()
  }

  /** Call it while a point is being settled: the point is written again, before those behind it. */
  putBack(queue: SeriesQueue, queued: QueuedPoint): void {
    queue.putBack(queued)
    this.#queuedPoints += 1
  }

  /**
   * Waits at most `timeoutMs` until nothing is queued or in flight, then abandons the remaining points, which are never
   * settled. Returns their number.
   */
  async close(timeoutMs: number): Promise<number> {
    if (this.#queuedPoints > 0) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const timer = setTimeout(resolve, timeoutMs)
      this.#idle.push(resolve)
      await promise
      clearTimeout(timer)
    }
    this.#abort.abort()
    for (const resolve of this.#waiting) resolve()
    return this.#queuedPoints
  }

  /** Waits for everything that is queued in the same turn of the event loop before dividing it into requests. */
  #schedulePump(): void {
    this.#pumpScheduled = true
    setImmediate(() => {
      this.#pumpScheduled = false
      this.#pump()
    })
  }

  #pump(): void {
    const { pauseMs = 1_000 } = this.#options
    if (this.#requestsInFlight === 0 && performance.now() - this.#idleSinceMs >= pauseMs) this.#limit.restart()
    while (this.#requestsInFlight < this.#limit.current && !this.#ready.isEmpty && !this.#abort.signal.aborted) {
      const queues = this.#ready.take()
      if (queues.length === 0) continue
      this.#requestsInFlight += 1
      void this.#write(queues).then(() => {
        this.#requestsInFlight -= 1
        if (this.#requestsInFlight === 0) this.#idleSinceMs = performance.now()
        if (!this.#pumpScheduled) this.#schedulePump()
      })
    }
  }

  /** Writes the first point of each queue until all are settled, or the writer is closed. */
  async #write(queues: readonly SeriesQueue[]): Promise<void> {
    let remaining = queues
    let failures = 0
    while (remaining.length > 0 && !this.#abort.signal.aborted) {
      const error = await this.#send(remaining)
      if (error === undefined) {
        for (let index = 0; index < remaining.length; index++) this.#settle(remaining[index] as SeriesQueue, STORED)
        return
      }
      if (this.#abort.signal.aborted) return
      const verdict = retryClass(error.code)
      if (verdict !== 'refuse') {
        for (const { head } of remaining) if (head !== undefined) head.attempted = true
        failures += 1
        await this.#wait(error, remaining.length, failures, verdict === 'wait' ? this.#waitBackoff : this.#backoff)
        continue
      }
      const { refusals, summary } = readRefusedRequest(error, remaining.length)
      if (refusals.size === 0) {
        await this.#writeHalves(remaining, error)
        return
      }
      const othersStored = summary !== undefined && summary.successPoints >= remaining.length - refusals.size
      const again: SeriesQueue[] = []
      let pause = false
      for (const [index, queue] of remaining.entries()) {
        const refusal = refusals.get(index)
        if (refusal === undefined && othersStored) this.#settle(queue, STORED)
        else if (refusal !== undefined && retryClass(refusal.code) === 'refuse') this.#refuse(queue, refusal)
        else {
          pause ||= refusal !== undefined
          if (queue.head !== undefined) queue.head.attempted = true
          again.push(queue)
        }
      }
      remaining = again
      if (pause) {
        failures += 1
        await this.#wait(error, remaining.length, failures, this.#backoff)
      }
    }
  }

  /** A request was refused as a whole, without naming the invalid point: halves it until that point is alone. */
  async #writeHalves(queues: readonly SeriesQueue[], error: ApiError): Promise<void> {
    const [only, another] = queues
    if (only !== undefined && another === undefined) {
      this.#refuse(only, { code: error.code, reason: error.message })
      return
    }
    for (const { head } of queues) if (head !== undefined) head.attempted = true
    const middle = Math.ceil(queues.length / 2)
    await this.#write(queues.slice(0, middle))
    await this.#write(queues.slice(middle))
  }

  /** Sends a request once; returns its error, if there is one. */
  async #send(queues: readonly SeriesQueue[]): Promise<ApiError | undefined> {
    const startedMs = performance.now()
    const number = this.#limit.start()
    const full = this.#requestsInFlight >= this.#limit.current
    let error: ApiError | undefined
    try {
      const { projectName, createTimeSeries, timeoutMs = 10_000 } = this.#options
      const writer = this.#writers.take(requestBytes(projectName, queues))
      await createTimeSeries(encodeRequest(projectName, queues, writer), { timeoutMs, signal: this.#abort.signal })
      this.#writers.giveBack(writer)
    } catch (thrown) {
      error = isApiError(thrown) ? thrown : { code: status.INTERNAL, message: String(thrown) }
    }
    const answered = error === undefined || retryClass(error.code) === 'refuse'
    if (answered) {
      this.#lastSuccessMs = Date.now()
      this.#failing = undefined
      this.#limit.succeeded(full)
    } else if (error !== undefined) {
      this.#failing = { sinceMs: this.#failing?.sinceMs ?? Date.now(), message: error.message, code: error.code }
      this.#limit.overloaded(number)
    }
    debug('request of %d points: %s', queues.length, error?.message ?? 'stored')
    this.#options.observer.requestEnded({
      code: error?.code ?? status.OK,
      series: queues.length,
      durationMs: performance.now() - startedMs,
    })
    return error
  }

  #refuse(queue: SeriesQueue, { code, reason }: PointRefusal): void {
    const mayBeStored = queue.head?.attempted === true || !queue.proven
    if (isOrderRefusal(reason) && mayBeStored) this.#settle(queue, { kind: 'already_stored', reason })
    else if (isRateRefusal(reason) && !queue.proven) this.#settle(queue, { kind: 'too_frequent', reason })
    else this.#settle(queue, { kind: 'refused', code, reason })
  }

  #settle(queue: SeriesQueue, outcome: PointOutcome): void {
    if (outcome.kind === 'stored') queue.proven = true
    queue.inFlight = false
    this.#queuedPoints -= 1
    queue.settleHead(outcome)
    this.#ready.add(queue)
    if (this.#queuedPoints === 0) for (const resolve of this.#idle.splice(0)) resolve()
  }

  async #wait(error: ApiError, series: number, failures: number, backoff: BackoffOptions): Promise<void> {
    const waitMs = backoffMs(failures, backoff)
    this.#options.observer.retrying({ code: error.code, message: error.message, series, waitMs })
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.add(resolve)
    const timer = setTimeout(resolve, waitMs)
    await promise
    clearTimeout(timer)
    this.#waiting.delete(resolve)
  }

  /** Displaces the oldest points if there are too many. */
  #makeRoom(queue: SeriesQueue, queued: QueuedPoint): void {
    const { maxQueuedPoints } = this.#options
    if (this.#oldest === undefined || maxQueuedPoints === undefined) return
    this.#oldest.add(queue, queued)
    const tooMany = Math.max(0, this.#queuedPoints - maxQueuedPoints)
    this.#queuedPoints -= this.#oldest.displace(tooMany)
  }
}

const STORED: PointOutcome = { kind: 'stored' }

function isApiError(error: unknown): error is ApiError {
  return error instanceof Error && 'code' in error && typeof error.code === 'number'
}
