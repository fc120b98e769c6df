import { type Labels, withoutLabels } from './labels.ts'

/** Labels that Prometheus adds to everything it sends (`external_labels`). */
export interface ExternalLabels {
  /** As they are now. */
  readonly externalLabels: Labels
  /** As they were a while ago, newest first: samples with them may still come. */
  readonly formerExternalLabels: readonly Labels[]
}

/** The labels of a series without the external ones: those that it has all of, if there are several. */
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

/** A series under other external labels, which it has where it has no label of that name itself. */
export function withExternalLabels(labels: Labels, external: Labels): Labels {
  return new Map([...external, ...labels])
}
