import type { Labels } from '../model/labels/labels.ts'
import type { Target } from '../model/target.ts'

/** A target that may be the one of a series, and when Prometheus last listed it. */
export interface Candidate extends Target {
  readonly seenMs: number
}

/**
 * The target that shares the most labels with a series; among those, the one with the fewest that the series lacks
 * (relabelling may have removed them); among those, the one listed last. No label of a target may have another value,
 * except job and instance with `ownJobAndInstance`. Undefined if two match equally.
 */
export function bestMatch<Known extends Candidate>(
  targets: readonly Known[],
  labels: Labels,
  { ownJobAndInstance = false }: { readonly ownJobAndInstance?: boolean } = {},
): Known | undefined {
  let best: { readonly target: Known; readonly equal: number; readonly absent: number } | undefined
  let isUnique = true
  for (const target of targets) {
    let equal = 0
    let absent = 0
    let differs = false
    for (const [name, value] of target.labels) {
      const own = labels.get(name)
      if (own === value) equal += 1
      else if (own === undefined) absent += 1
      else if (!ownJobAndInstance || (name !== 'job' && name !== 'instance')) differs = true
    }
    if (differs) continue
    const order =
      best === undefined ? 1 : equal - best.equal || best.absent - absent || target.seenMs - best.target.seenMs
    if (order > 0) best = { target, equal, absent }
    if (order >= 0) isUnique = order > 0
  }
  return isUnique ? best?.target : undefined
}
