import { timestampToMicros } from '../../protos/timestamp.ts'
import type { ExemplarMessage } from '../messages.ts'
import type { SeriesPoint } from './point-series.ts'

/** Exemplars of a period that are kept, the newest ones. */
const MAX_EXEMPLARS = 10

function timeOf({ timestamp }: ExemplarMessage): number {
  return timestamp ? timestampToMicros(timestamp) : 0
}

/**
 * The points that have exemplars, each with those that no point before it has: a writer repeats the last one of a bucket with each
 * point until there is a newer one.
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
    return fresh.length === 0 ? [] : [{ endMicros, exemplars: fresh }]
  })
}

/** The newest of some exemplars, in the order of their times. */
export function newestExemplars(exemplars: readonly ExemplarMessage[]): ExemplarMessage[] {
  return exemplars.toSorted((one, other) => timeOf(one) - timeOf(other)).slice(-MAX_EXEMPLARS)
}
