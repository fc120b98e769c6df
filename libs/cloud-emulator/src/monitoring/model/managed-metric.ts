/** How the types of the metrics of Managed Service for Prometheus begin. */
export const MANAGED_PREFIX = 'prometheus.googleapis.com/'

/** What follows, as a pattern: names of Prometheus may have colons. */
export const MANAGED_NAME = '[a-zA-Z][a-zA-Z0-9_:./-]*'

/** Whether the metric type is one of Managed Service for Prometheus, which keeps Prometheus' own names. */
export function isManaged(metricType: string): boolean {
  return metricType.startsWith(MANAGED_PREFIX)
}
