import type { Labels } from './labels.ts'

/** A scrape target as Prometheus' `/api/v1/targets` tells it, or as scrape mode knows it. */
export interface Target {
  /** The labels that the target's series carry: job, instance, and those of relabelling. */
  readonly labels: Labels
  /** The labels before relabelling, `__meta_*` among them. */
  readonly discoveredLabels: Labels
}
