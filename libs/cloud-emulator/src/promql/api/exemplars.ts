import type { Expression, Labels } from '@node-to-cloud/promql'
import type { ProjectMetrics } from '../../monitoring/store/metric-store.ts'
import { exemplarOf } from '../../query/chart-answer.ts'
import { selectorsIn } from '../cloud-differences.ts'
import { namedSeries } from '../select-stored.ts'
import { numberText } from './api-values.ts'

interface SeriesExemplars {
  readonly seriesLabels: Readonly<Record<string, string>>
  readonly exemplars: readonly object[]
}

/** The exemplars in a window of the series that an expression selects, as Prometheus' API answers them. */
export function exemplarsOf(
  project: ProjectMetrics | undefined,
  expression: Expression,
  { startMs, endMs }: { startMs: number; endMs: number },
): SeriesExemplars[] {
  const found = new Map<string, { labels: Labels; exemplars: object[] }>()
  for (const selector of selectorsIn(expression)) {
    for (const { series, labels } of namedSeries(project, selector.matchers)) {
      const exemplars = series.exemplars.flatMap((point) =>
        point.exemplars.map((message) => exemplarOf(message, point.endMicros)),
      )
      const inWindow = exemplars.filter(({ timeMs }) => timeMs >= startMs && timeMs <= endMs)
      if (inWindow.length === 0) continue
      const shown = inWindow.map(({ timeMs, value, traceId, spanId, labels: own }) => ({
        labels: { ...own, ...(traceId && { trace_id: traceId }), ...(spanId && { span_id: spanId }) },
        value: numberText(value),
        timestamp: timeMs / 1000,
      }))
      found.set(labels.key, { labels, exemplars: shown })
    }
  }
  return [...found.values()].map(({ labels, exemplars }) => ({ seriesLabels: labels.toJSON(), exemplars }))
}
