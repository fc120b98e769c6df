import type { Gap } from '../model/gap.ts'
import { decodeLabels } from '../model/labels/labels.ts'
import type { SampleBatch, SeriesSpan } from '../model/sample.ts'
import type { RawSamples } from './raw-samples.ts'

/** Samples of one series that were missing. */
export interface Found extends RawSamples {
  readonly labels: Buffer
}

/**
 * The samples in the gaps that a response contains. From other series of the target it takes what precedes all of the
 * waiting samples: the starts of counters (`_created`), and series that were skipped from their first sample on.
 *
 * @param newestMs - Time of the newest accepted sample of a series, see `GapFillerOptions`.
 */
export function missingSamples(
  gaps: ReadonlyMap<string, { readonly gap: Gap }>,
  answer: ReadonlyMap<string, RawSamples>,
  { afterMs, beforeMs }: { readonly afterMs: number; readonly beforeMs: number },
  newestMs: (labels: Uint8Array) => number | undefined | 'unknown',
): Found[] {
  const found: Found[] = []
  for (const [key, { timestampsMs, values }] of answer) {
    const labels = Buffer.from(key, 'latin1')
    const gap = gaps.get(key)?.gap
    const newest = newestMs(labels)
    const isNew = newest === 'unknown'
    const firstMs = timestampsMs[0] ?? 0
    if ((newest === undefined && gap === undefined) || (isNew && firstMs <= afterMs && !isStart(labels))) continue
    const fromMs = typeof newest === 'number' ? newest : (gap?.afterMs ?? afterMs)
    const start = timestampsMs.findIndex((timestampMs) => timestampMs > fromMs)
    const end = timestampsMs.findLastIndex((timestampMs) => timestampMs < (gap?.beforeMs ?? beforeMs)) + 1
    if (start < 0 || start >= end) continue
    found.push({ labels, timestampsMs: timestampsMs.slice(start, end), values: values.slice(start, end) })
  }
  return found
}

function isStart(labels: Buffer): boolean {
  return decodeLabels(labels).get('__name__')?.endsWith('_created') === true
}

/** A batch of such samples. */
export function batchOf(found: readonly Found[]): SampleBatch {
  const spans: SeriesSpan[] = []
  const allTimestampsMs: number[] = []
  const allValues: number[] = []
  let labelsEnd = 0
  for (const { labels, timestampsMs, values } of found) {
    const labelsStart = labelsEnd
    labelsEnd += labels.length
    const samplesStart = allValues.length
    for (const timestampMs of timestampsMs) allTimestampsMs.push(timestampMs)
    for (const value of values) allValues.push(value)
    spans.push({ labelsStart, labelsEnd, samplesStart, samplesEnd: allValues.length, stale: false, exemplars: [] })
  }
  const bytes = Buffer.concat(found.map(({ labels }) => labels))
  return { bytes, spans, timestampsMs: allTimestampsMs, values: allValues }
}
