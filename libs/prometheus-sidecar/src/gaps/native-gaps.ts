import type { Gap } from '../model/gap.ts'
import { type Labels, METRIC_NAME } from '../model/labels/labels.ts'
import type { NativeHistogram } from '../model/native-histogram.ts'
import type { SampleBatch, SeriesSpan } from '../model/sample.ts'

/** Native histograms of one series, oldest first. */
export interface FoundHistograms {
  readonly labels: Buffer
  readonly histograms: readonly NativeHistogram[]
}

/** The histograms in the gaps that a response contains, by the `labelsKey` of their series. */
export function missingHistograms(
  gaps: ReadonlyMap<string, { readonly gap: Gap }>,
  response: ReadonlyMap<string, readonly NativeHistogram[]>,
  newestMs: (labels: Buffer) => number | undefined | 'unknown',
): FoundHistograms[] {
  return [...gaps].flatMap(([key, { gap }]) => {
    const newest = newestMs(gap.labels)
    const fromMs = typeof newest === 'number' ? newest : gap.afterMs
    const histograms = (response.get(key) ?? []).filter(
      ({ timestampMs }) => timestampMs > fromMs && timestampMs < gap.beforeMs,
    )
    return histograms.length === 0 ? [] : [{ labels: gap.labels, histograms }]
  })
}

/** The names of the metrics that have gaps. */
export function metricNames(gaps: Iterable<{ readonly labels: Labels }>): ReadonlySet<string> {
  return new Set([...gaps].map(({ labels }) => labels.get(METRIC_NAME) ?? ''))
}

/** A batch of native histograms. */
export function histogramBatch(found: readonly FoundHistograms[]): SampleBatch {
  const spans: SeriesSpan[] = []
  let labelsEnd = 0
  for (const { labels, histograms } of found) {
    const labelsStart = labelsEnd
    labelsEnd += labels.length
    spans.push({
      labelsStart,
      labelsEnd,
      samplesStart: 0,
      samplesEnd: 0,
      stale: false,
      exemplars: [],
      nativeHistograms: histograms,
    })
  }
  return { bytes: Buffer.concat(found.map(({ labels }) => labels)), spans, timestampsMs: [], values: [] }
}
