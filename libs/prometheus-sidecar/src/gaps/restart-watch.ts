import { messageOf } from '@node-to-cloud/command-line'
import { debug } from '../model/debug-log.ts'
import { RetryLaterError } from '../model/ingester.ts'

/** A start of Prometheus, and how far ingestion had got by then. */
export interface Restart {
  readonly startedMs: number
  /** When it was detected. */
  readonly seenMs: number
  /** Time of the newest sample of any series that had been accepted by then. */
  readonly takenMs: number
  /** Series (by their `labelsKey`) that are counted as unfilled. */
  readonly unfilled: Set<string>
  /** Whether the series that did not return have been handled. */
  done: boolean
}

/** What is saved in the state file. */
interface SavedRestart {
  readonly startedMs: number
  readonly takenMs: number
  readonly done: boolean
}

export interface RestartWatchOptions {
  /** Asks when Prometheus started, in Unix milliseconds; NaN if it does not know. Rejects if it does not answer. */
  readonly askStart: () => Promise<number>
  /** Time of the newest accepted sample of any series; -Infinity if there is none. */
  readonly newestAcceptedMs: () => number
  /** What was saved in the last run. */
  readonly saved?: unknown
  readonly save: (restart: SavedRestart) => void
  readonly restarted: (startedMs: number) => void
  /**
   * Samples were accepted while it was unknown when Prometheus had started: gaps before them can no longer be filled.
   */
  readonly missed: (startedMs: number, reason: string) => void
  readonly nowMs: () => number
}

/** How long samples are rejected while Prometheus does not answer. */
export const REJECT_FOR_MS = 60_000
const CHECK_INTERVAL_MS = 60_000

/** Detects restarts of Prometheus: when a sender opens a connection, and at regular intervals. */
export class RestartWatch {
  readonly #options: RestartWatchOptions
  #checkIsDue = true
  #check: Promise<void> | undefined
  #checkedMs = Number.NEGATIVE_INFINITY
  #failure: { readonly sinceMs: number; readonly reason: string } | undefined
  /** Whether samples were accepted since the failure began. */
  #acceptedUnchecked = false
  #current: Restart | undefined

  constructor(options: RestartWatchOptions) {
    this.#options = options
  }

  /** The latest known start. */
  get current(): Restart | undefined {
    return this.#current
  }

  /** A sender opened a connection, as Prometheus does after a restart. */
  senderConnected(): void {
    this.#checkIsDue = true
  }

  /**
   * Call it before ingesting samples. Rejects with a {@link RetryLaterError} while it is unknown whether there is a gap
   * before them.
   */
  async beforeSamples(): Promise<void> {
    if (!this.#checkIsDue && this.#check === undefined) return
    await this.#checkNow()
    if (this.#failure === undefined) return
    const { sinceMs, reason } = this.#failure
    // The clock may have been set back.
    if (Math.abs(this.#options.nowMs() - sinceMs) >= REJECT_FOR_MS) {
      this.#checkIsDue = false
      this.#acceptedUnchecked = true
      return
    }
    throw new RetryLaterError('targets', `the start time of Prometheus is unknown: ${reason}`)
  }

  /** Call it regularly: a Prometheus that has nothing to send opens no connection. */
  async checkIfDue(): Promise<void> {
    if (Math.abs(this.#options.nowMs() - this.#checkedMs) >= CHECK_INTERVAL_MS) await this.#checkNow()
  }

  /** All gaps of a restart are filled or counted. */
  done(restart: Restart): void {
    restart.done = true
    this.#save(restart)
  }

  #checkNow(): Promise<void> {
    this.#check ??= this.#askStart().finally(() => {
      this.#check = undefined
    })
    return this.#check
  }

  async #askStart(): Promise<void> {
    const nowMs = this.#options.nowMs()
    this.#checkedMs = nowMs
    let startedMs: number
    try {
      startedMs = await this.#options.askStart()
    } catch (error) {
      this.#failure ??= { sinceMs: nowMs, reason: messageOf(error) }
      return
    }
    this.#checkIsDue = false
    const unchecked = this.#acceptedUnchecked ? this.#failure : undefined
    this.#failure = undefined
    this.#acceptedUnchecked = false
    if (Number.isNaN(startedMs) || startedMs === this.#current?.startedMs) return
    const saved = readSaved(this.#options.saved)
    const known = saved?.startedMs === startedMs ? saved : undefined
    const restart: Restart = {
      startedMs,
      seenMs: nowMs,
      takenMs: known?.takenMs ?? this.#options.newestAcceptedMs(),
      unfilled: new Set(),
      done: known?.done ?? false,
    }
    this.#current = restart
    debug('Prometheus started at %d; newest accepted sample at %d', startedMs, restart.takenMs)
    this.#save(restart)
    if (known?.done !== true) this.#options.restarted(startedMs)
    if (known === undefined && unchecked !== undefined) this.#options.missed(startedMs, unchecked.reason)
  }

  #save({ startedMs, takenMs, done }: Restart): void {
    // JSON has no infinity.
    this.#options.save({ startedMs, takenMs: Math.max(takenMs, 0), done })
  }
}

function readSaved(saved: unknown): SavedRestart | undefined {
  if (typeof saved !== 'object' || saved === null) return undefined
  const { startedMs, takenMs, done } = saved as Partial<Record<keyof SavedRestart, unknown>>
  if (typeof startedMs !== 'number' || typeof takenMs !== 'number' || typeof done !== 'boolean') return undefined
  return { startedMs, takenMs, done }
}
