/** The numbers that identify series in the journal; those of forgotten series are reused. */
export class SeriesIds {
  readonly #free: number[] = []
  #count = 0

  take(): number {
    return this.#free.pop() ?? this.#count++
  }

  release(id: number): void {
    this.#free.push(id)
  }

  /** Continues after the last run: of the ids below `count`, those not in `used` are free. */
  restore(used: ReadonlySet<number>, count: number): void {
    this.#count = count
    for (let id = 0; id < count; id++) if (!used.has(id)) this.#free.push(id)
  }
}
