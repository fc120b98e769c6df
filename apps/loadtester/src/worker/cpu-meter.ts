/** Measures how many CPU cores this process uses. */
export class CpuMeter {
  #lastUsage = process.cpuUsage()
  #lastAt = performance.now()

  /** Cores used since the last call, on average. */
  read(): number {
    const at = performance.now()
    const used = process.cpuUsage(this.#lastUsage)
    const elapsedMs = at - this.#lastAt
    this.#lastUsage = process.cpuUsage()
    this.#lastAt = at
    return elapsedMs <= 0 ? 0 : (used.user + used.system) / 1000 / elapsedMs
  }
}
