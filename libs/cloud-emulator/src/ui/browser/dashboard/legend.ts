// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Cloud Monitoring's templates look like this
import type { QuerySeries } from '../../../contract/charts.ts'

/**
 * The last part of a metric type, such as `flask_http_request` of
 * `external.googleapis.com/prometheus/flask_http_request`.
 */
export function shortMetricName(metricType: string): string {
  return metricType.split('/').at(-1) ?? ''
}

function labelOf(series: QuerySeries, path: string): string | undefined {
  const match = /^(metric|resource)\.labels?\.(.+)$/.exec(path)
  if (match) {
    const labels = match[1] === 'metric' ? series.metricLabels : series.resourceLabels
    return labels[match[2] ?? '']
  }
  if (path === 'metric.type') return series.metricType
  if (path === 'resource.type') return series.resourceType
  return undefined
}

/**
 * Expands a legend template: `${metric.labels.status}`, `${resource.labels.pod_name}`, `${metric.type}`. Unknown
 * variables become empty.
 */
export function fillTemplate(template: string, series: QuerySeries): string {
  return template.replace(/\$\{([^}]*)\}/g, (_, path: string) => labelOf(series, path.trim()) ?? '')
}

/**
 * Names the series of one query: by its template, by the labels in which they differ, by `fallback`, or by the metric's
 * short name.
 */
export function nameSeries(series: readonly QuerySeries[], template: string | undefined, otherwise = ''): string[] {
  if (template)
    return series.map((one) => fillTemplate(template, one).trim() || otherwise || shortMetricName(one.metricType))
  const values = new Map<string, Set<string>>()
  const flat = series.map((one) => {
    const labels = new Map<string, string>()
    for (const [key, value] of Object.entries(one.metricLabels)) labels.set(key, value)
    for (const [key, value] of Object.entries(one.resourceLabels)) labels.set(`resource.${key}`, value)
    return labels
  })
  for (const labels of flat) {
    for (const [key, value] of labels) values.set(key, (values.get(key) ?? new Set()).add(value))
  }
  const keys = new Set<string>(values.keys())
  const distinguishing = [...keys].filter(
    (key) => (values.get(key)?.size ?? 0) > 1 || flat.some((labels) => !labels.has(key)),
  )
  return series.map((one, index) => {
    const parts = distinguishing.map((key) => flat[index]?.get(key) ?? '').filter((part) => part !== '')
    if (parts.length > 0) return parts.join(' · ')
    return otherwise || ownLabels(one).join(' · ') || shortMetricName(one.metricType) || 'value'
  })
}

/** The labels by which a single series is named: those of the metric, and one of the resource if there are none. */
function ownLabels({ metricLabels, resourceLabels }: QuerySeries): readonly string[] {
  const ofResource = Object.entries(resourceLabels).filter(([key]) => key !== 'project_id')
  const [only] = ofResource.length === 1 ? ofResource : []
  return [...Object.values(metricLabels), ...(only === undefined ? [] : [only[1]])]
}
