import { isManaged, MANAGED_PREFIX } from '../monitoring/model/managed-metric.ts'
import type { StoredValueType } from '../monitoring/store/series.ts'

/** The part of a distribution that a PromQL name refers to. */
export type DistributionPart = 'bucket' | 'count' | 'sum'

/** A PromQL name of a metric type, or of a part of its distributions. */
export interface MetricName {
  readonly name: string
  readonly part?: DistributionPart
}

const PARTS: readonly DistributionPart[] = ['bucket', 'count', 'sum']

/**
 * The name of a metric type in PromQL: its first slash becomes a colon, every other special character an underscore.
 * Those of Managed Service for Prometheus keep the name that the service gave them.
 */
export function mappedName(metricType: string): string {
  if (isManaged(metricType)) {
    const rest = metricType.slice(MANAGED_PREFIX.length)
    const end = rest.lastIndexOf('/')
    return end < 0 ? rest : rest.slice(0, end)
  }
  return metricType.replace('/', ':').replaceAll(/[^a-zA-Z0-9_:]/g, '_')
}

/** The PromQL names of a metric type, and those of its parts if its values are distributions. */
export function metricNames(metricType: string, valueType: StoredValueType): MetricName[] {
  return withParts(mappedName(metricType), valueType)
}

/** The names with the unchanged metric type: `{"kubernetes.io/container/uptime"}`. */
export function verbatimNames(metricType: string, valueType: StoredValueType): MetricName[] {
  return isManaged(metricType) ? [] : withParts(metricType, valueType)
}

function withParts(name: string, valueType: StoredValueType): MetricName[] {
  if (valueType !== 'DISTRIBUTION') return [{ name }]
  return PARTS.map((part) => ({ name: `${name}_${part}`, part }))
}
