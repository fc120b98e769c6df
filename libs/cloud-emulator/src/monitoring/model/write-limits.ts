import { isManaged } from './managed-metric.ts'

/** From Cloud Monitoring's quotas and API definitions. */
export const WRITE_LIMITS = {
  seriesPerRequest: 200,
  labelsPerDescriptor: 30,
  /** For Managed Service for Prometheus. */
  labelsPerPrometheusMetric: 200,
  labelKeyCharacters: 100,
  labelValueCharacters: 1024,
  metricTypeCharacters: 200,
  descriptorsPerProject: 25_000,
  maxPastMicros: 25 * 3600 * 1_000_000 + 10_000_000,
  maxFutureMicros: 5 * 60 * 1_000_000,
  minGapMicros: 1000,
} as const

/** How many labels a metric of this type may have. */
export function maxLabels(metricType: string): number {
  return isManaged(metricType) ? WRITE_LIMITS.labelsPerPrometheusMetric : WRITE_LIMITS.labelsPerDescriptor
}
