import type { StateJournal } from '../../model/conversion-state.ts'
import type { OutputSeries } from '../series/output-series.ts'
import type { SeriesEntry } from '../series/series-entry.ts'

/**
 * Lets a series that arrives under new external labels continue where it was under the former ones. Its samples in
 * flight are settled under those.
 */
export function inheritState(entry: SeriesEntry, former: SeriesEntry): void {
  const { native } = former
  entry.startMs = former.startMs
  entry.resetValue = former.resetValue
  entry.lastMs = former.lastMs
  entry.lastValue = former.lastValue
  entry.endMs = former.endMs
  entry.endValue = former.endValue
  entry.createdMs = former.createdMs
  entry.createdFromMs = former.createdFromMs
  entry.believedMs = former.believedMs
  entry.confirmedMs = former.confirmedMs
  entry.nextStartMs = former.nextStartMs
  entry.nextResetValue = former.nextResetValue
  entry.nextLastMs = former.nextLastMs
  entry.nextLastValue = former.nextLastValue
  entry.reachedMs = former.reachedMs
  entry.previousMs = former.previousMs
  entry.intervalMs = former.intervalMs
  entry.reportedStarts = former.reportedStarts
  if (native !== undefined && entry.native !== undefined) {
    const { bytes } = entry.native
    Object.assign(entry.native, native, { bytes })
  }
  former.ended = true
}

/**
 * Lets a series continue as another time series, because its target has another resource or its metric another name:
 * the first interval there starts where the last point of the old one ended, so that nothing is counted twice.
 */
export function continueIn(entry: SeriesEntry, output: OutputSeries, journal: StateJournal): void {
  if (entry.role === 'gauge' || Number.isNaN(entry.endMs)) return
  const { native } = entry
  const isValueKnown = native === undefined && !Number.isNaN(entry.endValue)
  const fromMs = isValueKnown ? entry.endMs : entry.lastMs
  // It may have been this time series before.
  const startMs = output.endMs >= fromMs ? output.endMs + 1 : fromMs
  entry.startMs = entry.nextStartMs = startMs
  entry.resetValue = entry.nextResetValue = isValueKnown ? entry.endValue : entry.lastValue
  if (entry.id >= 0) journal.baseline(entry.id, entry.startMs, entry.resetValue)
  if (native === undefined) return
  native.baseline = native.nextBaseline = native.last
  if (entry.id >= 0) journal.nativeBaseline(entry.id, native.last)
}
