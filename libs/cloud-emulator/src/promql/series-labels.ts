import { Labels, METRIC_NAME } from '@node-to-cloud/promql'
import { isManaged } from '../monitoring/model/managed-metric.ts'
import type { Series } from '../monitoring/store/series.ts'

/** The label with the type of the monitored resource. */
export const MONITORED_RESOURCE = 'monitored_resource'

/**
 * The labels of a stored series in PromQL: those of its monitored resource and of its metric. A metric label that the
 * resource has too gets the prefix `metric_`, repeatedly if the metric also has the prefixed name.
 */
export function promqlLabels(series: Series, name: string, projectId: string): Labels {
  const { metricLabels, metricType, resourceLabels, resourceType } = series
  const labels = new Map<string, string>([['project_id', projectId]])
  for (const [key, value] of Object.entries(resourceLabels)) labels.set(key, value)
  if (!isManaged(metricType)) labels.set(MONITORED_RESOURCE, resourceType)
  labels.set(METRIC_NAME, name)
  const colliding = Object.entries(metricLabels).filter(([key]) => labels.has(key))
  for (const [key, value] of Object.entries(metricLabels)) if (!labels.has(key)) labels.set(key, value)
  for (const [key, value] of colliding) {
    let free = `metric_${key}`
    while (labels.has(free)) free = `metric_${free}`
    labels.set(free, value)
  }
  return Labels.from(labels)
}
