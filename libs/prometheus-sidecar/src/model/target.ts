import type { Labels } from './labels/labels.ts'

/** A scrape target, from Prometheus' `/api/v1/targets` or from the scrape configuration. */
export interface Target {
  /** The labels of the target's series: job, instance, and those added by relabelling. */
  readonly labels: Labels
  /** The labels before relabelling, including `__meta_*`. */
  readonly discoveredLabels: Labels
}
