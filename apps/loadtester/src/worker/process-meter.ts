/** Measures what this process uses. */
export class ProcessMeter {
  #lastUsage = process.cpuUsage()
  #lastAt = performance.now()

  /** CPU cores used since the last call, on average, and memory. */
  read(): { readonly cpuCores: number; readonly memoryBytes: number } {
    const at = performance.now()
    const { user, system } = process.cpuUsage(this.#lastUsage)
    const elapsedMs = at - this.#lastAt
    this.#lastUsage = process.cpuUsage()
    this.#lastAt = at
    return {
      cpuCores: elapsedMs <= 0 ? 0 : (user + system) / 1000 / elapsedMs,
      memoryBytes: process.memoryUsage.rss(),
    }
  }
}
