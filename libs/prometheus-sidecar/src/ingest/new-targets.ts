import type { Target } from '../model/target.ts'

/** A target is new until this long after its first sample. */
const NEW_FOR_MS = 10 * 60_000

/**
 * Tracks when the first sample of each target arrived: a series that appears a scrape later may have been skipped in
 * the first one, and nothing else shows that if Prometheus' queues were lost just then.
 */
export class NewTargets {
  readonly #firstMs = new WeakMap<Target, number>()

  /** Since when a new series whose first sample is at `timestampMs` may be missing samples; NaN if it is not. */
  since(target: Target | undefined, timestampMs: number): number {
    if (target === undefined) return Number.NaN
    const firstMs = this.#firstMs.get(target)
    if (firstMs === undefined || timestampMs < firstMs) this.#firstMs.set(target, timestampMs)
    return firstMs !== undefined && timestampMs - firstMs <= NEW_FOR_MS ? firstMs - 1 : Number.NaN
  }
}
