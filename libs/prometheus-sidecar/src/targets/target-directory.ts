import type { Labels } from '../model/labels/labels.ts'
import type { MetricType } from '../model/metadata.ts'
import type { Target } from '../model/target.ts'

/** The known targets and metric types. Lookups are answered from a cache. */
export interface TargetDirectory {
  /** Increases whenever lookups may return other results than before. */
  readonly generation: number
  find(labels: Labels): Target | undefined
  /** The type of a metric family of a target. */
  typeOf(target: Target | undefined, family: string): MetricType | undefined
  /**
   * Checks whether Prometheus' configuration has changed, because of a new series; at most once a second. Never
   * rejects.
   */
  checkConfig(): Promise<void>
  /**
   * Fetches the missing targets and types, unless that was done a moment ago. Concurrent calls share one fetch. Rejects
   * with a {@link TargetsUnavailableError} if there is no response.
   */
  refresh(missing: readonly MissingSeries[]): Promise<void>
}

/** A series whose target or type is unknown. */
export interface MissingSeries {
  readonly labels: Labels
  /** If the target is known, only the type is missing. */
  readonly target: Target | undefined
}

/** The targets can't be fetched. */
export class TargetsUnavailableError extends Error {
  readonly code = 'ERR_TARGETS_UNAVAILABLE'

  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'TargetsUnavailableError'
  }
}
