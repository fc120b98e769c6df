import { Labels, METRIC_NAME } from '@node-to-cloud/promql'
import type { Series } from '../monitoring/store/series.ts'
import { isManaged } from './metric-names.ts'

/** The label that tells the type of the monitored resource. */
export const MONITORED_RESOURCE = 'monitored_resource'

/**
 * The labels of a stored series in PromQL: those of its monitored resource and of its metric. A metric's label that the
 * resource has too gets the prefix `metric_`.
 */
export function promqlLabels(series: Series, name: string, projectId: string): Labels {
  const labels = new Map<string, string>([['project_id', projectId]])
  for (const [key, value] of Object.entries(series.resourceLabels)) labels.set(key, value)
  if (!isManaged(series.metricType)) labels.set(MONITORED_RESOURCE, series.resourceType)
  const taken = new Set(labels.keys())
  for (const [key, value] of Object.entries(series.metricLabels)) {
    labels.set(taken.has(key) || key === METRIC_NAME ? `metric_${key}` : key, value)
  }
  labels.set(METRIC_NAME, name)
  return Labels.from(labels)
}
