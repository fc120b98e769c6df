import type { Labels } from '../../contract/metrics.ts'
import type { PointSeries } from '../aggregation/point-series.ts'

/** A key that is equal for series with the same metric, resource and labels. */
export function identityKey(series: PointSeries): string {
  return `${series.metricType} ${series.resourceType} ${labelsKey(series)}`
}

/** A key that is equal for series with the same labels, regardless of their metric. */
export function labelsKey({ metricLabels, resourceLabels }: PointSeries): string {
  return JSON.stringify([sorted(metricLabels), sorted(resourceLabels)])
}

function sorted(labels: Labels): [string, string][] {
  return Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))
}
