import type { Worker } from 'node:cluster'

/** The workers' responses to one scrape. */
interface PendingScrape {
  readonly missing: Set<number>
  readonly done: () => void
}

/** Requests the metrics of all workers and waits for their reports, but no longer than a scraper would. */
export class ScrapeRound {
  /** The number of workers that did not answer the latest scrape in time. */
  staleWorkers = 0
  readonly #timeoutMs: number
  readonly #pending = new Map<number, PendingScrape>()
  #number = 0

  /** @param timeoutMs how long a worker may take to respond */
  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs
  }

  /** Requests the metrics of `workers`; resolves when all have responded or exited, or after the timeout. */
  async ask(workers: readonly Worker[], collect: (worker: Worker, scrape: number) => void): Promise<void> {
    const scrape = ++this.#number
    const missing = new Set(workers.map(({ id }) => id))
    if (missing.size > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, this.#timeoutMs)
        const done = () => {
          clearTimeout(timer)
          resolve()
        }
        this.#pending.set(scrape, { missing, done })
        for (const worker of workers) collect(worker, scrape)
      })
      this.#pending.delete(scrape)
    }
    this.staleWorkers = missing.size
  }

  /** Call it when a worker has responded to a scrape. */
  answered(workerId: number, scrape: number): void {
    const pending = this.#pending.get(scrape)
    if (pending?.missing.delete(workerId) && pending.missing.size === 0) pending.done()
  }

  /** Call it when a worker has exited and will not respond. */
  ended(workerId: number): void {
    for (const pending of this.#pending.values()) {
      if (pending.missing.delete(workerId) && pending.missing.size === 0) pending.done()
    }
  }
}
