import type { Aggregation, AlertPolicy, Dashboard, FilterQuery, TimeSeriesQuery, Widget } from './documents.ts'

/** The prefix of the metric types that prometheus-sidecar writes. */
export const METRIC_PREFIX = 'external.googleapis.com/prometheus/'

/** One use of a metric in a dashboard or an alert policy. */
export interface MetricUse {
  /** The title of the tile, or the name of the condition. */
  readonly place: string
  readonly filter: string
  readonly aggregation: Aggregation
  /** Drawn as a heatmap, so the query must return distributions. */
  readonly heatmap: boolean
}

function usesOfQuery(query: TimeSeriesQuery, place: string, heatmap: boolean): MetricUse[] {
  const parts: (FilterQuery | undefined)[] = [
    query.timeSeriesFilter,
    query.timeSeriesFilterRatio?.numerator,
    query.timeSeriesFilterRatio?.denominator,
  ]
  return parts.flatMap((part) =>
    part ? [{ place, filter: part.filter, aggregation: part.aggregation ?? {}, heatmap }] : [],
  )
}

/** The queries of a widget. */
export function usesOfWidget(widget: Widget): MetricUse[] {
  const place = widget.title ?? ''
  const sets = [...(widget.xyChart?.dataSets ?? []), ...(widget.timeSeriesTable?.dataSets ?? [])]
  return [
    ...sets.flatMap((set) => usesOfQuery(set.timeSeriesQuery, place, set.plotType === 'HEATMAP')),
    ...(widget.scorecard ? usesOfQuery(widget.scorecard.timeSeriesQuery, place, false) : []),
  ]
}

/** All queries of a dashboard. */
export function usesOfDashboard(dashboard: Dashboard): MetricUse[] {
  return dashboard.mosaicLayout.tiles.flatMap((tile) => usesOfWidget(tile.widget))
}

/** All queries of an alert policy. */
export function usesOfAlertPolicy(policy: AlertPolicy): MetricUse[] {
  return policy.conditions.flatMap(({ displayName: place, conditionThreshold, conditionAbsent }) => {
    const uses: MetricUse[] = []
    const add = (filter: string | undefined, aggregations: readonly Aggregation[] = []): void => {
      if (filter !== undefined) uses.push({ place, filter, aggregation: aggregations[0] ?? {}, heatmap: false })
    }
    add(conditionThreshold?.filter, conditionThreshold?.aggregations)
    add(conditionThreshold?.denominatorFilter, conditionThreshold?.denominatorAggregations)
    add(conditionAbsent?.filter, conditionAbsent?.aggregations)
    return uses
  })
}

/** The metric types named by a filter. */
export function metricTypesOf(filter: string): string[] {
  return [...filter.matchAll(/metric\.type\s*=\s*"([^"]*)"/g)].map((match) => match[1] ?? '')
}

/** The metric and resource labels that a use selects or groups by. */
export function labelsOf(use: MetricUse): { metric: string[]; resource: string[] } {
  const texts = [use.filter, ...(use.aggregation.groupByFields ?? [])]
  const keys = (kind: string): string[] => [
    ...new Set(
      texts.flatMap((text) =>
        [...text.matchAll(new RegExp(`\\b${kind}\\.labels?\\.(\\w+)`, 'g'))].map((m) => m[1] ?? ''),
      ),
    ),
  ]
  return { metric: keys('metric'), resource: keys('resource') }
}

/** The Prometheus type that a use expects of its metric: ALIGN_RATE expects a counter, ALIGN_DELTA a histogram, any other a gauge. */
export function expectedType(use: MetricUse): 'counter' | 'histogram' | 'gauge' {
  const aligner = use.aggregation.perSeriesAligner
  if (aligner === 'ALIGN_RATE') return 'counter'
  return aligner === 'ALIGN_DELTA' ? 'histogram' : 'gauge'
}
