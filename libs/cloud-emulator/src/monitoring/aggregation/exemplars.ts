import { microsToTimestamp, timestampToMicros } from '../../protos/timestamp.ts'
import type { ExemplarMessage } from '../model/messages.ts'
import type { SeriesPoint } from './point-series.ts'

/** The most exemplars of one alignment period. */
const MAX_EXEMPLARS = 10

function timeOf({ timestamp }: ExemplarMessage): number {
  return timestamp ? timestampToMicros(timestamp) : 0
}

/**
 * The points with exemplars that no earlier point has, since writers repeat a bucket's last exemplar until there is a
 * newer one. An exemplar without a time gets that of its point.
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

/** The newest exemplars, sorted by time. */
export function newestExemplars(exemplars: readonly ExemplarMessage[]): ExemplarMessage[] {
  return exemplars.toSorted((one, other) => timeOf(one) - timeOf(other)).slice(-MAX_EXEMPLARS)
}
