import { microsToTimestamp, timestampToMicros } from '../../protos/timestamp.ts'
import type { ExemplarMessage } from '../model/messages.ts'
import type { SeriesPoint } from './point-series.ts'

/** The maximum number of exemplars of one alignment period. */
const MAX_EXEMPLARS = 10

function timeOf({ timestamp }: ExemplarMessage): number {
  return timestamp ? timestampToMicros(timestamp) : 0
}

/**
 * The points with those exemplars that no earlier point has, since writers repeat a bucket's last exemplar until there
 * is a newer one. An exemplar without a timestamp gets that of its point.
 */
export function newExemplars(points: readonly SeriesPoint[]): { endMicros: number; exemplars: ExemplarMessage[] }[] {
  const seen = new Set<string>()
  return points.flatMap(({ endMicros, exemplars = [] }) => {
    const fresh = exemplars.filter((exemplar) => {
      const key = `${timeOf(exemplar)} ${exemplar.value}`
      if (seen.has(key)) return false
      seen.add(key)
      return true
    })
    const timed = fresh.map((exemplar) =>
      exemplar.timestamp ? exemplar : { ...exemplar, timestamp: microsToTimestamp(endMicros) },
    )
    return timed.length === 0 ? [] : [{ endMicros, exemplars: timed }]
  })
}

/**
 * The exemplars that represent an alignment period, sorted by time: the largest ones, since they lead to the cause of a
 * spike, and the newest ones.
 */
export function chosenExemplars(exemplars: readonly ExemplarMessage[]): ExemplarMessage[] {
  if (exemplars.length <= MAX_EXEMPLARS) return exemplars.toSorted((one, other) => timeOf(one) - timeOf(other))
  const largest = exemplars.toSorted((one, other) => (other.value ?? 0) - (one.value ?? 0)).slice(0, MAX_EXEMPLARS / 2)
  const chosen = new Set(largest)
  for (const exemplar of exemplars.toSorted((one, other) => timeOf(other) - timeOf(one))) {
    if (chosen.size === MAX_EXEMPLARS) break
    chosen.add(exemplar)
  }
  return [...chosen].sort((one, other) => timeOf(one) - timeOf(other))
}
