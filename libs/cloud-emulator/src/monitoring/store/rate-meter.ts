const SLOTS = 12
const SLOT_MICROS = 5_000_000

/** Counts events, and returns their rate over the last minute, or since the first event if that is more recent. */
export class RateMeter {
  readonly #counts = new Uint32Array(SLOTS)
  #slot = 0
  #firstMicros: number | undefined

  add(count: number, nowMicros: number): void {
    this.#advance(nowMicros)
    this.#firstMicros ??= nowMicros
    const index = this.#slot % SLOTS
    this.#counts[index] = (this.#counts[index] ?? 0) + count
  }

  perSecond(nowMicros: number): number {
    if (this.#firstMicros === undefined) return 0
    this.#advance(nowMicros)
    const total = this.#counts.reduce((sum, count) => sum + count, 0)
    const windowMicros = (SLOTS - 1) * SLOT_MICROS + (nowMicros % SLOT_MICROS)
    const spanMicros = Math.min(windowMicros, Math.max(nowMicros - this.#firstMicros, 1_000_000))
    return total / (spanMicros / 1e6)
  }

  #advance(nowMicros: number): void {
    const slot = Math.floor(nowMicros / SLOT_MICROS)
    if (slot <= this.#slot) return
    if (slot - this.#slot >= SLOTS) this.#counts.fill(0)
    else for (let passed = this.#slot + 1; passed <= slot; passed++) this.#counts[passed % SLOTS] = 0
    this.#slot = slot
  }
}
