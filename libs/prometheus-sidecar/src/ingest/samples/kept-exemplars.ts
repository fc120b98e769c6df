import { convertExemplar } from '../../convert/exemplar.ts'
import type { Exemplar } from '../../model/sample.ts'
import type { DistributionExemplar } from '../../model/time-series.ts'
import { MAX_TIMESTAMP_MS } from './series-interval.ts'

const MAX_EXEMPLARS = 10

/** Adds exemplars to those kept for a histogram's next point: the newest few, without duplicates. */
export function keepExemplars(kept: DistributionExemplar[], exemplars: readonly Exemplar[], projectId: string): void {
  for (const exemplar of exemplars) {
    if (!Number.isFinite(exemplar.value) || !(exemplar.timestampMs >= 0 && exemplar.timestampMs <= MAX_TIMESTAMP_MS))
      continue
    const converted = convertExemplar(exemplar, projectId)
    const isKnown = kept.some(
      ({ value, timestampMs }) => value === converted.value && timestampMs === converted.timestampMs,
    )
    if (isKnown) continue
    kept.push(converted)
    if (kept.length > MAX_EXEMPLARS) kept.shift()
  }
}
