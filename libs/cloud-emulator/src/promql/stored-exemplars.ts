import type { Matcher, TimeWindow } from '@node-to-cloud/promql'
import type { ProjectMetrics } from '../monitoring/store/metric-store.ts'
import type { Series } from '../monitoring/store/series.ts'
import { exemplarOf } from '../query/chart-answer.ts'
import { numberText } from './number-text.ts'
import type { Exemplar, SeriesExemplars } from './promql-source.ts'
import { namedSeries, type Scan } from './select-stored.ts'

/** The exemplars in a window, for the series that match the matchers. */
export function* exemplarsStored(
  project: ProjectMetrics | undefined,
  matchers: readonly Matcher[],
  window: TimeWindow,
): Scan<SeriesExemplars> {
  for (const named of namedSeries(project, matchers)) {
    const exemplars = named === undefined ? [] : exemplarsIn(named.series, window)
    yield named === undefined || exemplars.length === 0 ? undefined : { labels: named.labels, exemplars }
  }
}

function exemplarsIn(series: Series, { startMs, endMs }: TimeWindow): Exemplar[] {
  return series.exemplars
    .flatMap((point) => point.exemplars.map((message) => exemplarOf(message, point.endMicros)))
    .filter(({ timeMs }) => timeMs >= startMs && timeMs <= endMs)
    .map(({ timeMs, value, traceId, spanId, labels: own }) => ({
      labels: { ...own, ...(traceId && { trace_id: traceId }), ...(spanId && { span_id: spanId }) },
      value: numberText(value),
      timestamp: timeMs / 1000,
    }))
}
