import { type Labels, withoutLabels } from './labels.ts'

/** Labels that Prometheus adds to everything it sends (`external_labels`). */
export interface ExternalLabels {
  /** The current ones. */
  readonly externalLabels: Labels
  /** Earlier ones, newest first: samples with them may still arrive. */
  readonly formerExternalLabels: readonly Labels[]
}

/**
 * The labels of a series without the external ones; of several sets of external labels, one is removed that the series
 * has all of.
 */
export function withoutExternalLabels(
  labels: Labels,
  { externalLabels, formerExternalLabels }: ExternalLabels,
): Labels {
  let added = externalLabels
  let isWhole = hasAll(labels, externalLabels)
  for (const former of formerExternalLabels) {
    if ((isWhole && former.size <= added.size) || !hasAll(labels, former)) continue
    added = former
    isWhole = true
  }
  return withoutLabels(labels, added)
}

function hasAll(labels: Labels, others: Labels): boolean {
  for (const [name, value] of others) if (labels.get(name) !== value) return false
  return true
}

/** The labels of a series with other external labels, which don't replace labels of its own. */
export function withExternalLabels(labels: Labels, external: Labels): Labels {
  return new Map([...external, ...labels])
}
