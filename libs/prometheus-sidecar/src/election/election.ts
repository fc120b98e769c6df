import { messageOf } from '@node-to-cloud/command-line'
import type { Log } from '../log/log.ts'
import { monotonicNowMs } from '../model/monotonic-clock.ts'
import type { LeaseRecord, LeaseStore, StoredLease } from './lease-record.ts'

/** What an election needs from the sidecar that takes part. */
export interface Candidate {
  /** Whether nothing of an earlier term is still being written. */
  isIdle(): boolean
  /** When the oldest unsettled samples were accepted; undefined if all are settled. */
  unsettledSinceMs(): number | undefined
  /** Time of the newest sample accepted since the term began; NaN if the term began before this process did. */
  newestAcceptedMs(): number
  /** Time of the newest sample that was left to another sidecar; -Infinity if there is none. */
  newestLeftMs(): number
  /** Starts a term: what was known about series before it is no longer valid. */
  startTerm(writesFromMs: number): void
}

/** Options of {@link Election}. */
export interface ElectionOptions {
  readonly store: LeaseStore
  /** The name of this sidecar, which must be unique. */
  readonly identity: string
  readonly durationMs: number
  /** `writesFromMs` of the term that the state on disk belongs to. */
  readonly savedTermMs: number | undefined
  readonly log: Pick<Log, 'info' | 'warn'>
  /** A monotonic clock; `wallNowMs` is the clock of the samples. */
  readonly nowMs?: () => number
  readonly wallNowMs?: () => number
}

/** How often the lease is checked, and how far ahead its holder may write, as fractions of its duration. */
const TICKS = 6
const WRITE_AHEAD = 3

/**
 * Elects one of several sidecars that receive the same samples from different Prometheus servers. Each sample belongs
 * to one of them by its time: the lease says up to which time its holder writes, and the next holder continues from
 * there. So no sample is written by two sidecars, however slow or suspended one of them is, and none between two terms
 * is skipped.
 */
export class Election {
  readonly #options: ElectionOptions
  readonly #nowMs: () => number
  readonly #wallNowMs: () => number
  #candidate: Candidate | undefined
  #holder = ''
  #isLeader = false
  /** The samples that this sidecar writes: of its current term, or of its last. */
  #own = { fromMs: Number.POSITIVE_INFINITY, untilMs: Number.NEGATIVE_INFINITY }
  /** The writer is decided for samples up to this time. */
  #decidedUntilMs = Number.NEGATIVE_INFINITY
  #seenVersion: string | undefined
  #seenAtMs = Number.NaN
  #failure: { readonly sinceMs: number; readonly message: string } | undefined
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  #closing = false
  readonly #waiting = new Set<() => void>()

  constructor(options: ElectionOptions) {
    this.#options = options
    this.#nowMs = options.nowMs ?? monotonicNowMs
    this.#wallNowMs = options.wallNowMs ?? Date.now
  }

  /** Whether this sidecar holds the lease. */
  get isLeader(): boolean {
    return this.#isLeader
  }

  /** The name of the sidecar that writes; empty if unknown. */
  get holder(): string {
    return this.#holder
  }

  /** The samples that this sidecar writes. */
  get own(): { readonly fromMs: number; readonly untilMs: number } {
    return this.#own
  }

  /** The writer is decided for samples up to this time. */
  get decidedUntilMs(): number {
    return this.#decidedUntilMs
  }

  /** Why the lease is unknown, if that has been so for longer than its duration. */
  get problem(): string | undefined {
    const { store, durationMs } = this.#options
    if (this.#failure === undefined || this.#nowMs() - this.#failure.sinceMs < durationMs) return undefined
    return `the lease ${store.name} can't be read or renewed: ${this.#failure.message}`
  }

  get leaseName(): string {
    return this.#options.store.name
  }

  start(candidate: Candidate): void {
    this.#candidate = candidate
    void this.tick()
    this.#timer = setInterval(() => void this.tick(), this.#options.durationMs / TICKS).unref()
  }

  /** Resolves when the lease covers later samples, or after a timeout. */
  async change(withinMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.add(resolve)
    const timer = setTimeout(resolve, withinMs)
    await promise
    clearTimeout(timer)
    this.#waiting.delete(resolve)
  }

  /** Checks the lease once: renews it, or takes it if it is free. */
  async tick(): Promise<void> {
    if (this.#closing) return
    this.#running ??= this.#tick().finally(() => {
      this.#running = undefined
    })
    await this.#running
  }

  /**
   * Releases the lease, and records the time up to which samples were written; the next holder continues from there.
   */
  async close(): Promise<void> {
    this.#closing = true
    clearInterval(this.#timer)
    await this.#running
    try {
      if (this.#isLeader) await this.#release()
    } catch (error) {
      this.#options.log.warn({ error: messageOf(error) }, `The lease ${this.leaseName} could not be released.`)
    }
    this.#isLeader = false
    this.#options.store.close()
  }

  async #tick(): Promise<void> {
    const { store, identity } = this.#options
    try {
      const found = await store.read()
      this.#observe(found)
      if (found?.record.holder === identity) await this.#renew(found)
      else if (found === undefined || this.#isFree(found.record)) await this.#takeOver(found)
      this.#failure = undefined
    } catch (error) {
      const message = messageOf(error)
      if (this.#failure === undefined)
        this.#options.log.warn({ error: message }, `The lease ${store.name} can't be read or renewed.`)
      this.#failure = { sinceMs: this.#failure?.sinceMs ?? this.#nowMs(), message }
    }
  }

  #observe(found: StoredLease | undefined): void {
    if (found?.version !== this.#seenVersion || Number.isNaN(this.#seenAtMs)) {
      this.#seenVersion = found?.version
      this.#seenAtMs = this.#nowMs()
    }
    if (found === undefined) return
    const { holder, writesUntilMs } = found.record
    if (holder === this.#options.identity) return
    if (this.#isLeader || (this.#holder !== holder && holder !== '')) {
      this.#options.log.info(
        { holder },
        `${holder || 'Nobody'} holds the lease ${this.leaseName}; this sidecar stands by.`,
      )
    }
    this.#isLeader = false
    this.#holder = holder
    // A lease that was released may end earlier than it said before.
    if (holder === '') this.#decidedUntilMs = Math.max(writesUntilMs, this.#candidate?.newestLeftMs() ?? 0)
    else this.#decideUntil(writesUntilMs)
  }

  /** Whether it was released, or its holder has not renewed it for its duration, by the clock of this machine. */
  #isFree({ holder, durationMs }: LeaseRecord): boolean {
    return holder === '' || this.#nowMs() - this.#seenAtMs >= durationMs
  }

  async #renew({ record, version }: StoredLease): Promise<void> {
    const isResumed = !this.#isLeader
    // After a restart the term continues only if the state on disk belongs to it.
    if (isResumed && this.#options.savedTermMs !== record.writesFromMs && this.#own.fromMs !== record.writesFromMs) {
      await this.#takeOver({ record, version })
      return
    }
    const renewedMs = this.#wallNowMs()
    const writesUntilMs = Math.max(record.writesUntilMs, this.#mayWriteUntil(renewedMs))
    const { durationMs } = this.#options
    if (!(await this.#options.store.write({ ...record, durationMs, renewedMs, writesUntilMs }, version))) return
    this.#becomeLeader({ fromMs: record.writesFromMs, untilMs: writesUntilMs })
  }

  async #takeOver(found: StoredLease | undefined): Promise<void> {
    if (this.#candidate?.isIdle() !== true) return
    const { store, identity, durationMs } = this.#options
    const nowMs = this.#wallNowMs()
    const writesFromMs = Math.max(found?.record.writesUntilMs ?? 0, this.#decidedUntilMs, 0)
    const record: LeaseRecord = {
      holder: identity,
      durationMs,
      acquiredMs: nowMs,
      renewedMs: nowMs,
      transitions: found === undefined ? 0 : found.record.transitions + 1,
      writesFromMs,
      writesUntilMs: Math.max(writesFromMs, this.#mayWriteUntil(nowMs)),
    }
    this.#own = { fromMs: Number.POSITIVE_INFINITY, untilMs: Number.NEGATIVE_INFINITY }
    if (!(await store.write(record, found?.version))) return
    this.#candidate.startTerm(writesFromMs)
    this.#becomeLeader({ fromMs: writesFromMs, untilMs: record.writesUntilMs })
  }

  /**
   * The lease extends no further than this sidecar makes progress, so that samples it can't write are left to others.
   */
  #mayWriteUntil(nowMs: number): number {
    const progressMs = Math.min(this.#candidate?.unsettledSinceMs() ?? nowMs, nowMs)
    return Math.floor(progressMs + this.#options.durationMs / WRITE_AHEAD)
  }

  #becomeLeader(own: { readonly fromMs: number; readonly untilMs: number }): void {
    if (!this.#isLeader) {
      const since = own.fromMs === 0 ? 'all samples' : `samples after ${new Date(own.fromMs).toISOString()}`
      this.#options.log.info({}, `This sidecar holds the lease ${this.leaseName} and writes ${since}.`)
    }
    this.#isLeader = true
    this.#holder = this.#options.identity
    this.#own = own
    this.#decideUntil(own.untilMs)
  }

  #decideUntil(untilMs: number): void {
    if (!(untilMs > this.#decidedUntilMs)) return
    this.#decidedUntilMs = untilMs
    for (const resolve of this.#waiting) resolve()
  }

  async #release(): Promise<void> {
    const found = await this.#options.store.read()
    if (found?.record.holder !== this.#options.identity) return
    const { record, version } = found
    const newestMs = this.#candidate?.newestAcceptedMs() ?? Number.NaN
    const writesUntilMs = Number.isNaN(newestMs) ? record.writesUntilMs : newestMs
    await this.#options.store.write({ ...record, holder: '', renewedMs: this.#wallNowMs(), writesUntilMs }, version)
  }
}
