/** The prefix of metric types of Managed Service for Prometheus. */
export const MANAGED_PREFIX = 'prometheus.googleapis.com/'

/** A pattern for the rest of the type: Prometheus names may contain colons. */
export const MANAGED_NAME = '[a-zA-Z][a-zA-Z0-9_:./-]*'

/** Whether the metric type is one of Managed Service for Prometheus, which keeps Prometheus' own names. */
export function isManaged(metricType: string): boolean {
  return metricType.startsWith(MANAGED_PREFIX)
}
