import type { MetricsFormat } from '../metrics-format.ts'
import { NO_TARGET } from '../metrics-format.ts'
import { metricName } from '../names.ts'
import { mapMetric, mapNativeHistogram } from './metric-mapping.ts'
import { matchResource } from './resource.ts'

/** The format of Google's sidecar: `external.googleapis.com/prometheus/NAME`, on Kubernetes and other resources. */
export const EXTERNAL_FORMAT: MetricsFormat = {
  name: 'external',
  prefix: 'external.googleapis.com/prometheus',
  keepsTargetLabels: false,
  acceptsUntyped: false,
  acceptsNan: false,
  map: mapMetric,
  mapNative: mapNativeHistogram,
  metricName,
  /** A domain, then segments of letters, digits and underscores. */
  metricType: /^[a-z0-9.-]+(\/[A-Za-z0-9_]+)+$/,
  resourceOf(labels, target, rules) {
    if (target === undefined) {
      const { targetlessResource: resource } = rules
      return resource === undefined ? NO_TARGET : { ...resource, consumed: new Set() }
    }
    const resource = matchResource(labels, target.discoveredLabels, rules.resourceDefaults, {
      useGkeResource: rules.useGkeResource,
    })
    return (
      resource ?? {
        drop: 'unknown_resource',
        detail:
          'no monitored resource matches its labels; set --stackdriver.generic.location and --stackdriver.generic.namespace, or add __meta_kubernetes_* labels',
      }
    )
  },
}
