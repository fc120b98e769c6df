import { SUSPENDED_MS } from './suspension.ts'

export interface UserGateOptions {
  /** The fleet's clock, in ms. */
  readonly now: () => number
  /** Called when users may start again. */
  readonly onOpen: () => void
  /** This process has been suspended or blocked for so long that others may have its users. */
  readonly onSuspended?: (() => void) | undefined
}

/**
 * Whether users of the closed model may begin an iteration: not behind a fence, which the next share of the load lifts, nor
 * while it is not known whether a master has given this worker's users to others.
 */
export class UserGate {
  readonly #options: UserGateOptions
  /** No iteration begins here or later. */
  #fenceMs = Number.POSITIVE_INFINITY
  /** The same while the master has not answered. */
  #waitFromMs = Number.POSITIVE_INFINITY
  /** Set after a suspension: when it ended. */
  #heldSinceMs: number | undefined
  #aliveMs = Number.POSITIVE_INFINITY

  constructor(options: UserGateOptions) {
    this.#options = options
  }

  get isOpen(): boolean {
    const nowMs = this.#sign()
    return this.#heldSinceMs === undefined && nowMs < this.#fenceMs && nowMs < this.#waitFromMs
  }

  /** A heartbeat: to be called much more often than the interval after which a worker counts as lost. */
  tick(): void {
    this.#sign()
  }

  /** Follows a share that begins at a moment. */
  follow(startMs: number): void {
    this.#sign()
    if (this.#heldSinceMs !== undefined && startMs > this.#heldSinceMs) this.#heldSinceMs = undefined
    this.#fenceMs = Number.POSITIVE_INFINITY
    this.#waitFromMs = Number.POSITIVE_INFINITY
    this.#options.onOpen()
  }

  /** @returns from when on nothing begins: the moment, or if it has passed, the first one that has not. */
  fence(startMs: number): number {
    this.#fenceMs = Math.max(startMs, this.#sign() + 1)
    return this.#fenceMs
  }

  unfence(): void {
    this.#fenceMs = Number.POSITIVE_INFINITY
    this.#options.onOpen()
  }

  /** Nothing begins until the next share or {@link goOn}. */
  wait(): void {
    this.#waitFromMs = Math.min(this.#waitFromMs, this.#sign())
  }

  /** No other worker has this worker's users. */
  goOn(): void {
    this.#waitFromMs = Number.POSITIVE_INFINITY
    this.#options.onOpen()
  }

  /** Continues after a suspension: a message that was sent after its end shows that the users are still this worker's. */
  resume(sentMs: number): void {
    if (this.#heldSinceMs === undefined || sentMs <= this.#heldSinceMs) return
    this.#heldSinceMs = undefined
    this.#options.onOpen()
  }

  #sign(): number {
    const nowMs = this.#options.now()
    const isLate = nowMs - this.#aliveMs > SUSPENDED_MS
    this.#aliveMs = nowMs
    if (isLate && this.#heldSinceMs === undefined) {
      this.#heldSinceMs = nowMs
      this.#options.onSuspended?.()
    }
    return nowMs
  }
}
