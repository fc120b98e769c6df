import type { Labels } from '../model/labels/labels.ts'
import { targetSelector } from './raw-sample-query.ts'

/** Where samples of a target may be missing. */
export interface Suspicion {
  readonly target: Labels
  readonly afterMs: number
  readonly beforeMs: number
}

/** If there are more targets, the rest are not checked. */
const MAX_SUSPICIONS = 10_000

/**
 * Where samples of some metrics of a target were skipped, others may be missing too. For a series that appeared in only
 * one scrape, nothing else shows it.
 */
export class Suspicions {
  readonly #byTarget = new Map<string, Suspicion>()

  add({ target, afterMs, beforeMs }: Suspicion): void {
    if (target.size === 0) return
    const key = targetSelector(target)
    const before = this.#byTarget.get(key)
    if (before === undefined && this.#byTarget.size >= MAX_SUSPICIONS) return
    this.#byTarget.set(key, {
      target,
      afterMs: Math.min(afterMs, before?.afterMs ?? afterMs),
      beforeMs: Math.max(beforeMs, before?.beforeMs ?? beforeMs),
    })
  }

  all(): readonly Suspicion[] {
    return [...this.#byTarget.values()]
  }

  /** The suspicion was checked; one that was added meanwhile stays. */
  settle(suspicion: Suspicion): void {
    const key = targetSelector(suspicion.target)
    if (this.#byTarget.get(key) === suspicion) this.#byTarget.delete(key)
  }
}
