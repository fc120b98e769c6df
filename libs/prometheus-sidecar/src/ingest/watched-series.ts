import { AuditTrail, type WatchedSeries } from '../model/audit-trail.ts'
import { asBuffer } from '../model/labels/labels.ts'
import { newestAcceptedMs } from './samples/series-interval.ts'
import type { SeriesEntry } from './series/series-entry.ts'

/** Watches the samples of up to `limit` series, chosen at random; a histogram counts as one. */
export function watchSeries(all: Iterable<SeriesEntry>, limit: number, random: () => number): WatchedSeries[] {
  const chosen: SeriesEntry[] = []
  let seen = 0
  for (const entry of all) {
    if (!canBeWatched(entry)) continue
    seen += 1
    if (chosen.length < limit) chosen.push(entry)
    else {
      const place = Math.floor(random() * seen)
      if (place < limit) chosen[place] = entry
    }
  }
  return chosen.map(watch)
}

function canBeWatched(entry: SeriesEntry): boolean {
  const { role, isTwin, trail, unit } = entry
  if (isTwin || trail !== undefined || newestAcceptedMs(entry) === undefined) return false
  return role === 'gauge' || role === 'cumulative' || (role === 'count' && unit?.count === entry)
}

function watch(entry: SeriesEntry): WatchedSeries {
  const trail = new AuditTrail(newestAcceptedMs(entry) ?? Number.NEGATIVE_INFINITY)
  entry.trail = trail
  const { role, output, unit } = entry
  return {
    kind: role === 'gauge' ? 'gauge' : role === 'cumulative' ? 'counter' : 'histogram',
    isInteger: output?.integer === true,
    trail,
    labels: asBuffer(entry.labels),
    parts: () =>
      (unit?.histogram.members ?? []).map(({ part: { role, bound, entry } }) => ({
        role,
        bound: bound ?? Number.NaN,
        labels: asBuffer(entry.labels),
      })),
    get settledMs() {
      return entry.lastMs
    },
    get reportsStart() {
      return !Number.isNaN(entry.createdMs)
    },
    release() {
      if (entry.trail === trail) entry.trail = undefined
    },
  }
}
