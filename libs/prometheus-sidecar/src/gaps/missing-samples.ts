import type { Gap } from '../model/gap.ts'
import { decodeLabels } from '../model/labels/labels.ts'
import type { SampleBatch, SeriesSpan } from '../model/sample.ts'
import type { RawSamples } from './raw-samples.ts'

/** Samples of one series that were missing. */
export interface Found extends RawSamples {
  readonly labels: Buffer
}

/** Which samples of series without a gap of their own are missing. */
export interface MissingRange {
  /** Those after this time, of series with accepted samples. */
  readonly afterMs: number
  readonly beforeMs: number
  /** Those after this time, of series without accepted samples. */
  readonly newAfterMs: number
  /** Series without accepted samples that had some before that: there is another reason why they were not sent. */
  readonly excluded: Set<string>
}

/**
 * The samples in the gaps that a response contains. From other series of the target it takes what precedes all of the
 * waiting samples: the starts of counters (`_created`), and series that were skipped from their first sample on. Call
 * it with the oldest response first: it adds to `excluded`.
 *
 * @param newestMs - Time of the newest accepted sample of a series, see `GapFillerOptions`.
 */
export function missingSamples(
  gaps: ReadonlyMap<string, { readonly gap: Gap }>,
  response: ReadonlyMap<string, RawSamples>,
  { afterMs, beforeMs, newAfterMs, excluded }: MissingRange,
  newestMs: (labels: Uint8Array) => number | undefined | 'unknown',
): Found[] {
  const found: Found[] = []
  for (const [key, { timestampsMs, values }] of response) {
    const labels = Buffer.from(key, 'latin1')
    const gap = gaps.get(key)?.gap
    const newest = newestMs(labels)
    const isNew = newest === 'unknown'
    const firstMs = timestampsMs[0] ?? 0
    if (isNew && gap === undefined && firstMs <= newAfterMs && !isStart(labels)) excluded.add(key)
    if ((newest === undefined && gap === undefined) || excluded.has(key)) continue
    const fromMs = typeof newest === 'number' ? newest : (gap?.afterMs ?? (isNew ? newAfterMs : afterMs))
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
