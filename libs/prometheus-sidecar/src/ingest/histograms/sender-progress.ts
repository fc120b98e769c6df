/**
 * How far the slowest sender has got, inferred from recent batches. Senders (the shards of remote_write) can't be told
 * apart, but each sends in order of time: after a batch whose newest sample is from a certain time, it may still send
 * other series of that time.
 */
export class SenderProgress {
  readonly #keepMs: number
  /** Recent batches whose newest sample is older than that of every later batch: both fields rise. */
  readonly #batches: { readonly receivedMs: number; readonly newestMs: number }[] = []

  /** @param keepMs - how long a batch counts as recent */
  constructor(keepMs: number) {
    this.#keepMs = keepMs
  }

  /** Records a batch by the time of its newest sample. */
  note(newestMs: number, nowMs: number): void {
    const batches = this.#batches
    while (batches.length > 0 && (batches.at(-1)?.newestMs ?? 0) >= newestMs) batches.pop()
    batches.push({ receivedMs: nowMs, newestMs })
    this.#forget(nowMs)
  }

  /** Whether some sender has not reached a time yet. */
  isBehind(timestampMs: number, nowMs: number): boolean {
    this.#forget(nowMs)
    const [slowest] = this.#batches
    return slowest !== undefined && slowest.newestMs < timestampMs
  }

  #forget(nowMs: number): void {
    const [oldest] = this.#batches
    if (oldest === undefined || oldest.receivedMs > nowMs - this.#keepMs) return
    const kept = this.#batches.findIndex(({ receivedMs }) => receivedMs > nowMs - this.#keepMs)
    this.#batches.splice(0, kept === -1 ? this.#batches.length : kept)
  }
}
