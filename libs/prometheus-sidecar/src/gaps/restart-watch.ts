import { messageOf } from '@node-to-cloud/command-line'
import { RetryLaterError } from '../model/ingester.ts'

/** A start of Prometheus, and how far the sidecar was by then. */
export interface Restart {
  readonly startedMs: number
  /** When it was noticed. */
  readonly seenMs: number
  /** The newest sample that was taken of any series before it: what remote_write had brought. */
  readonly takenMs: number
  /** Series (label bytes as latin1) that are counted as unfilled. */
  readonly unfilled: Set<string>
  /** The series that did not come again were looked at. */
  done: boolean
}

/** What outlives a restart of the sidecar. */
interface SavedRestart {
  readonly startedMs: number
  readonly takenMs: number
  readonly done: boolean
}

export interface RestartWatchOptions {
  /** Asks Prometheus when it started: Unix ms; NaN if it does not know. Rejects if it does not answer. */
  readonly askStart: () => Promise<number>
  /** The newest sample that was taken of any series; -Infinity if there is none. */
  readonly newestAcceptedMs: () => number
  /** What `save` was given in the last run. */
  readonly saved?: unknown
  readonly save: (restart: SavedRestart) => void
  readonly restarted: (startedMs: number) => void
  /** Samples were taken while Prometheus did not say when it started: gaps before them can't be filled any more. */
  readonly missed: (startedMs: number, reason: string) => void
  readonly nowMs: () => number
}

/** For so long samples are held back while Prometheus does not answer. */
export const HOLD_BACK_MS = 60_000
const CHECK_EVERY_MS = 60_000

/** Notices that Prometheus was started anew: when a sender makes a new connection, and from time to time. */
export class RestartWatch {
  readonly #options: RestartWatchOptions
  #checkIsDue = true
  #check: Promise<void> | undefined
  #checkedMs = Number.NEGATIVE_INFINITY
  #failure: { readonly sinceMs: number; readonly reason: string } | undefined
  /** Samples were taken since the failure began. */
  #passedUnseen = false
  #current: Restart | undefined

  constructor(options: RestartWatchOptions) {
    this.#options = options
  }

  /** The newest start that is known. */
  get current(): Restart | undefined {
    return this.#current
  }

  /** A sender made a new connection, as Prometheus does after a restart. */
  senderConnected(): void {
    this.#checkIsDue = true
  }

  /** To be called before samples are taken. Rejects with a {@link RetryLaterError} while it is not known whether a gap is before them. */
  async beforeSamples(): Promise<void> {
    if (!this.#checkIsDue && this.#check === undefined) return
    await this.#checkNow()
    if (this.#failure === undefined) return
    const { sinceMs, reason } = this.#failure
    // The clock may have been set back.
    if (Math.abs(this.#options.nowMs() - sinceMs) >= HOLD_BACK_MS) {
      this.#checkIsDue = false
      this.#passedUnseen = true
      return
    }
    throw new RetryLaterError('targets', `Prometheus does not say when it started: ${reason}`)
  }

  /** To be called from time to time: a Prometheus that has nothing to send makes no connection. */
  async checkIfDue(): Promise<void> {
    if (Math.abs(this.#options.nowMs() - this.#checkedMs) >= CHECK_EVERY_MS) await this.#checkNow()
  }

  /** All gaps that the current restart left are filled or counted. */
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
    const unseen = this.#passedUnseen ? this.#failure : undefined
    this.#failure = undefined
    this.#passedUnseen = false
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
    this.#save(restart)
    if (known?.done !== true) this.#options.restarted(startedMs)
    if (known === undefined && unseen !== undefined) this.#options.missed(startedMs, unseen.reason)
  }

  #save({ startedMs, takenMs, done }: Restart): void {
    // JSON knows no infinity.
    this.#options.save({ startedMs, takenMs: Math.max(takenMs, 0), done })
  }
}

function readSaved(saved: unknown): SavedRestart | undefined {
  if (typeof saved !== 'object' || saved === null) return undefined
  const { startedMs, takenMs, done } = saved as Partial<Record<keyof SavedRestart, unknown>>
  if (typeof startedMs !== 'number' || typeof takenMs !== 'number' || typeof done !== 'boolean') return undefined
  return { startedMs, takenMs, done }
}
