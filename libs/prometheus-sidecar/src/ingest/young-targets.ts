import type { Target } from '../model/target.ts'

/** How long after its first sample a target may bring series that were skipped at first. */
const YOUNG_FOR_MS = 10 * 60_000

/**
 * Knows since when samples of a target come: a series of it that appears a scrape later may have been skipped in the
 * first, which nothing else shows if Prometheus' queues were lost just then.
 */
export class YoungTargets {
  readonly #firstMs = new WeakMap<Target, number>()

  /** Since when a new series with a sample of `timestampMs` may lack others; NaN if it does not. */
  since(target: Target | undefined, timestampMs: number): number {
    if (target === undefined) return Number.NaN
    const firstMs = this.#firstMs.get(target)
    if (firstMs === undefined || timestampMs < firstMs) this.#firstMs.set(target, timestampMs)
    return firstMs !== undefined && timestampMs - firstMs <= YOUNG_FOR_MS ? firstMs - 1 : Number.NaN
  }
}
