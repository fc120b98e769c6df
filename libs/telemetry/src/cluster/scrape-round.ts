import type { Worker } from 'node:cluster'

/** The workers' answers to one scrape. */
interface PendingScrape {
  readonly missing: Set<number>
  readonly done: () => void
}

/** Asks all workers for their metrics and waits for their answers, but for no longer than a scraper would. */
export class ScrapeRound {
  /** Workers that did not answer the newest scrape in time. */
  staleWorkers = 0
  readonly #timeoutMs: number
  readonly #pending = new Map<number, PendingScrape>()
  #number = 0

  /** @param timeoutMs how long a worker has to answer */
  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs
  }

  /** Asks `workers`; resolves when all have answered or ended, or the time is over. */
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

  /** Takes note that a worker has answered a scrape. */
  answered(workerId: number, scrape: number): void {
    const pending = this.#pending.get(scrape)
    if (pending?.missing.delete(workerId) && pending.missing.size === 0) pending.done()
  }

  /** Takes note that a worker has ended and will not answer. */
  ended(workerId: number): void {
    for (const pending of this.#pending.values()) {
      if (pending.missing.delete(workerId) && pending.missing.size === 0) pending.done()
    }
  }
}
