/**
 * How far the sender that is furthest behind has come, told from the batches of late. Senders (the shards of remote_write) have no names, but
 * each sends in the order of time: whose newest sample is of a time may still bring other series of that time.
 */
export class SenderProgress {
  readonly #keepMs: number
  /** Batches of late whose newest sample is older than that of every later one: both fields rise. */
  readonly #batches: { readonly takenMs: number; readonly newestMs: number }[] = []

  /** @param keepMs - how long a batch says something of its sender */
  constructor(keepMs: number) {
    this.#keepMs = keepMs
  }

  /** A batch was taken; `newestMs` is the time of its newest sample. */
  note(newestMs: number, nowMs: number): void {
    const batches = this.#batches
    while (batches.length > 0 && (batches.at(-1)?.newestMs ?? 0) >= newestMs) batches.pop()
    batches.push({ takenMs: nowMs, newestMs })
    this.#forget(nowMs)
  }

  /** Whether some sender has not come to a time yet. */
  isBehind(timestampMs: number, nowMs: number): boolean {
    this.#forget(nowMs)
    const [slowest] = this.#batches
    return slowest !== undefined && slowest.newestMs < timestampMs
  }

  #forget(nowMs: number): void {
    const [oldest] = this.#batches
    if (oldest === undefined || oldest.takenMs > nowMs - this.#keepMs) return
    const kept = this.#batches.findIndex(({ takenMs }) => takenMs > nowMs - this.#keepMs)
    this.#batches.splice(0, kept === -1 ? this.#batches.length : kept)
  }
}
