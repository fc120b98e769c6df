import type { Labels } from '../model/labels/labels.ts'
import { targetSelector } from './raw-sample-query.ts'

/** A time range in which samples of a target may be missing. */
export interface SuspectedGap {
  readonly target: Labels
  readonly afterMs: number
  readonly beforeMs: number
}

/** Limit on the number of targets; any more are not checked. */
const MAX_SUSPECTED_GAPS = 10_000

/**
 * Time ranges in which samples of some metrics of a target were skipped: others may be missing too. For a series that
 * appeared in only one scrape, nothing else shows it.
 */
export class SuspectedGaps {
  readonly #byTarget = new Map<string, SuspectedGap>()

  add({ target, afterMs, beforeMs }: SuspectedGap): void {
    if (target.size === 0) return
    const key = targetSelector(target)
    const before = this.#byTarget.get(key)
    if (before === undefined && this.#byTarget.size >= MAX_SUSPECTED_GAPS) return
    this.#byTarget.set(key, {
      target,
      afterMs: Math.min(afterMs, before?.afterMs ?? afterMs),
      beforeMs: Math.max(beforeMs, before?.beforeMs ?? beforeMs),
    })
  }

  all(): readonly SuspectedGap[] {
    return [...this.#byTarget.values()]
  }

  /** Removes a gap that was checked, unless it was extended meanwhile. */
  settle(gap: SuspectedGap): void {
    const key = targetSelector(gap.target)
    if (this.#byTarget.get(key) === gap) this.#byTarget.delete(key)
  }
}
