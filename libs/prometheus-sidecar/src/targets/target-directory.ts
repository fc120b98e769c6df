import type { Labels } from '../model/labels.ts'
import type { MetricType } from '../model/metadata.ts'
import type { Target } from '../model/target.ts'

/** What is known of the targets that series come from. Answers come from a cache, at once. */
export interface TargetDirectory {
  /** Rises whenever answers may be others than before. */
  readonly generation: number
  /** The target that exposes a series with these labels. */
  find(labels: Labels): Target | undefined
  /** The type of a metric family of a target, or, without a target, of any. */
  typeOf(target: Target | undefined, family: string): MetricType | undefined
  /**
   * Something was not found: asks anew, unless that was done a moment ago. Callers share one answer.
   * Rejects with {@link TargetsUnavailableError} if nobody answers.
   */
  refresh(missing: readonly MissingSeries[]): Promise<void>
}

/** A series of which the target or the type is unknown. */
export interface MissingSeries {
  readonly labels: Labels
  /** Known: only the type of its metric is missing. */
  readonly target: Target | undefined
}

/** Nobody says which targets there are. */
export class TargetsUnavailableError extends Error {
  readonly code = 'targets_unavailable'

  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'TargetsUnavailableError'
  }
}
