import type { SampleBatch, SeriesSpan } from '../model/sample.ts'

/** A time range in Unix milliseconds. */
export interface TimeRange {
  /** Exclusive. */
  readonly fromMs: number
  readonly untilMs: number
}

/**
 * The samples of a batch in a time range; the same batch if it contains no others. `left` is the number of the others.
 */
export function samplesWithin(
  batch: SampleBatch,
  range: TimeRange,
): { readonly batch: SampleBatch; readonly left: number } {
  const isIn = (timestampMs: number) => timestampMs > range.fromMs && timestampMs <= range.untilMs
  if (everyTimestamp(batch, isIn)) return { batch, left: 0 }
  let left = 0
  const spans: SeriesSpan[] = []
  const timestampsMs: number[] = []
  const values: number[] = []
  for (const span of batch.spans) {
    const samplesStart = values.length
    let stale = false
    for (let sample = span.samplesStart; sample < span.samplesEnd; sample++) {
      const timestampMs = batch.timestampsMs[sample] ?? Number.NaN
      if (!isIn(timestampMs)) {
        left += 1
        continue
      }
      timestampsMs.push(timestampMs)
      values.push(batch.values[sample] ?? Number.NaN)
      stale = span.stale && sample === span.samplesEnd - 1
    }
    const nativeHistograms = span.nativeHistograms?.filter(({ timestampMs }) => isIn(timestampMs))
    left += (span.nativeHistograms?.length ?? 0) - (nativeHistograms?.length ?? 0)
    const samplesEnd = values.length
    const isEmpty = samplesStart === samplesEnd && (nativeHistograms?.length ?? 0) === 0
    if (isEmpty) continue
    spans.push({
      ...span,
      samplesStart,
      samplesEnd,
      stale,
      nativeHistograms: nativeHistograms?.length === 0 ? undefined : nativeHistograms,
    })
  }
  return { batch: { bytes: batch.bytes, spans, timestampsMs, values }, left }
}

/** Time of the newest sample that is not after `latestMs`; -Infinity if there is none. */
export function newestOf(batch: SampleBatch, latestMs: number): number {
  let newestMs = Number.NEGATIVE_INFINITY
  everyTimestamp(batch, (timestampMs) => {
    if (timestampMs > newestMs && timestampMs <= latestMs) newestMs = timestampMs
    return true
  })
  return newestMs
}

function everyTimestamp({ timestampsMs, spans }: SampleBatch, test: (timestampMs: number) => boolean): boolean {
  for (const timestampMs of timestampsMs) if (!test(timestampMs)) return false
  for (const { nativeHistograms } of spans) {
    if (nativeHistograms === undefined) continue
    for (const { timestampMs } of nativeHistograms) if (!test(timestampMs)) return false
  }
  return true
}
