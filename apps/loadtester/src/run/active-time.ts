/** The time that a run has been under load: without pauses. */
export class ActiveTime {
  #ms = 0
  #sinceMs: number | undefined

  /** Continues a measurement: `ms` until `untilMs`, and running since then. */
  continue(ms: number, untilMs: number): void {
    this.#ms = ms
    this.#sinceMs = untilMs
  }

  start(atMs: number): void {
    this.stop(atMs)
    this.#sinceMs = atMs
  }

  stop(atMs: number): void {
    this.#ms = this.until(atMs)
    this.#sinceMs = undefined
  }

  reset(atMs: number): void {
    this.#ms = 0
    if (this.#sinceMs !== undefined) this.#sinceMs = atMs
  }

  until(atMs: number): number {
    return this.#ms + (this.#sinceMs === undefined ? 0 : Math.max(0, atMs - this.#sinceMs))
  }
}
