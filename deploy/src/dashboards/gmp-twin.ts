import type { AlertPolicy, Dashboard } from './documents.ts'
import { metricPrefix, typeTaken, usesOfAlertPolicy, usesOfDashboard } from './metric-use.ts'

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
type PrometheusType = 'counter' | 'histogram' | 'gauge'

/** Labels of `k8s_container` and where Managed Service for Prometheus keeps them. */
const labelTwins: Readonly<Record<string, { readonly kind: 'resource' | 'metric'; readonly key: string }>> = {
  project_id: { kind: 'resource', key: 'project_id' },
  location: { kind: 'resource', key: 'location' },
  cluster_name: { kind: 'resource', key: 'cluster' },
  namespace_name: { kind: 'resource', key: 'namespace' },
  pod_name: { kind: 'metric', key: 'pod' },
  container_name: { kind: 'metric', key: 'container' },
}

/** Metrics of the sidecar and of the Prometheus beside it: with Managed Service for Prometheus neither runs. */
const ownPipeline = /prometheus\/prometheus_/

function typeTwin(metricType: string, types: ReadonlyMap<string, PrometheusType>): string {
  const name = metricType.slice(metricPrefix.length)
  const type = types.get(metricType) ?? 'gauge'
  // Sidecar names have no _total, since OpenMetrics keeps it out of the family's name; this service keeps the sample's name.
  return `prometheus.googleapis.com/${name}${type === 'counter' ? '_total' : ''}/${type}`
}

function textTwin(text: string, types: ReadonlyMap<string, PrometheusType>): string {
  return text
    .replace(/resource\.type\s*=\s*"k8s_container"/g, 'resource.type="prometheus_target"')
    .replace(/\bresource\.(labels?)\.(\w+)/g, (whole, plural: string, key: string) => {
      const twin = labelTwins[key]
      return twin ? `${twin.kind}.${plural}.${twin.key}` : whole
    })
    .replace(/\bmetric\.(labels?)\.exported_app\b/g, 'metric.$1.app')
    .replace(new RegExp(`"${metricPrefix.replaceAll('.', '\\.')}[^"]*"`, 'g'), (quoted) => {
      return `"${typeTwin(quoted.slice(1, -1), types)}"`
    })
}

function twin(value: Json, types: ReadonlyMap<string, PrometheusType>): Json {
  if (typeof value === 'string') return textTwin(value, types)
  if (Array.isArray(value)) return value.map((one: Json) => twin(one, types))
  if (typeof value !== 'object' || value === null) return value
  const result: Record<string, Json> = {}
  for (const [key, one] of Object.entries(value)) {
    // A log's resource is the container itself, whoever reads its metrics.
    result[key] = key === 'logsPanel' ? one : twin(one, types)
  }
  return result
}

function typesOf(uses: readonly ReturnType<typeof usesOfDashboard>[number][]): Map<string, PrometheusType> {
  const types = new Map<string, PrometheusType>()
  for (const use of uses) {
    for (const match of use.filter.matchAll(/metric\.type\s*=\s*"([^"]*)"/g)) types.set(match[1] ?? '', typeTaken(use))
  }
  return types
}

/** A dashboard as it has to be for Managed Service for Prometheus: its metric types, resource and labels. */
export function dashboardTwin(dashboard: Dashboard): Dashboard {
  const copy: Dashboard = JSON.parse(
    JSON.stringify(twin(JSON.parse(JSON.stringify(dashboard)), typesOf(usesOfDashboard(dashboard)))),
  )
  const filters = copy.dashboardFilters?.map((filter) => {
    const label = filter.filterType === 'RESOURCE_LABEL' ? labelTwins[filter.labelKey] : undefined
    if (!label) return filter
    const filterType = label.kind === 'metric' ? 'METRIC_LABEL' : 'RESOURCE_LABEL'
    return { ...filter, labelKey: label.key, filterType }
  })
  return filters ? { ...copy, dashboardFilters: filters } : copy
}

/** An alert policy's twin; undefined for a policy about what does not run with Managed Service for Prometheus. */
export function alertPolicyTwin(policy: AlertPolicy): AlertPolicy | undefined {
  const uses = usesOfAlertPolicy(policy)
  if (uses.some((use) => ownPipeline.test(use.filter))) return undefined
  return JSON.parse(JSON.stringify(twin(JSON.parse(JSON.stringify(policy)), typesOf(uses))))
}
