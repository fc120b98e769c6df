import type { MetricsFormat } from '../metrics-format.ts'
import { metricName } from '../names.ts'
import { mapMetric, mapNativeHistogram } from './metric-mapping.ts'
import { prometheusTarget } from './prometheus-target.ts'

/** The format of Managed Service for Prometheus: `prometheus.googleapis.com/NAME/KIND` on `prometheus_target`. */
export const GMP_FORMAT: MetricsFormat = {
  name: 'gmp',
  prefix: 'prometheus.googleapis.com',
  keepsTargetLabels: true,
  acceptsUntyped: true,
  acceptsNan: true,
  map: mapMetric,
  mapNative: mapNativeHistogram,
  metricName,
  /** A domain, the name, which may contain colons, and the kind. */
  metricType: /^[a-z0-9.-]+(\/[A-Za-z0-9_:]+)+$/,
  resourceOf: prometheusTarget,
}
