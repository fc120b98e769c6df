import type { AlertPolicy, Dashboard } from './documents.ts'
import { expectedType, METRIC_PREFIX, usesOfAlertPolicy, usesOfDashboard } from './metric-use.ts'

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
type PrometheusType = 'counter' | 'histogram' | 'gauge'

/** The labels of `k8s_container`, and where Managed Service for Prometheus keeps each. */
const GMP_LABELS: Readonly<Record<string, { readonly kind: 'resource' | 'metric'; readonly key: string }>> = {
  project_id: { kind: 'resource', key: 'project_id' },
  location: { kind: 'resource', key: 'location' },
  cluster_name: { kind: 'resource', key: 'cluster' },
  namespace_name: { kind: 'resource', key: 'namespace' },
  pod_name: { kind: 'metric', key: 'pod' },
  container_name: { kind: 'metric', key: 'container' },
}

/** Metrics of the sidecar and its Prometheus: neither runs with Managed Service for Prometheus. */
const SIDECAR_METRICS = /prometheus\/prometheus_/

function translateType(metricType: string, types: ReadonlyMap<string, PrometheusType>): string {
  const name = metricType.slice(METRIC_PREFIX.length)
  const type = types.get(metricType) ?? 'gauge'
  // The sidecar uses the OpenMetrics family name, without _total; Managed Service for Prometheus uses the sample's name.
  return `prometheus.googleapis.com/${name}${type === 'counter' ? '_total' : ''}/${type}`
}

function translateText(text: string, types: ReadonlyMap<string, PrometheusType>): string {
  return text
    .replace(/resource\.type\s*=\s*"k8s_container"/g, 'resource.type="prometheus_target"')
    .replace(/\bresource\.(labels?)\.(\w+)/g, (whole, plural: string, key: string) => {
      const label = GMP_LABELS[key]
      return label ? `${label.kind}.${plural}.${label.key}` : whole
    })
    .replace(/\bmetric\.(labels?)\.exported_app\b/g, 'metric.$1.app')
    .replace(new RegExp(`"${METRIC_PREFIX.replaceAll('.', '\\.')}[^"]*"`, 'g'), (quoted) => {
      return `"${translateType(quoted.slice(1, -1), types)}"`
    })
}

function translate(value: Json, types: ReadonlyMap<string, PrometheusType>): Json {
  if (typeof value === 'string') return translateText(value, types)
  if (Array.isArray(value)) return value.map((one: Json) => translate(one, types))
  if (typeof value !== 'object' || value === null) return value
  const result: Record<string, Json> = {}
  for (const [key, one] of Object.entries(value)) {
    // Logs keep the resource k8s_container.
    result[key] = key === 'logsPanel' ? one : translate(one, types)
  }
  return result
}

function typesOf(uses: readonly ReturnType<typeof usesOfDashboard>[number][]): Map<string, PrometheusType> {
  const types = new Map<string, PrometheusType>()
  for (const use of uses) {
    for (const match of use.filter.matchAll(/metric\.type\s*=\s*"([^"]*)"/g))
      types.set(match[1] ?? '', expectedType(use))
  }
  return types
}

/** Translates a dashboard's metric types, resource and labels to those of Managed Service for Prometheus. */
export function toGmpDashboard(dashboard: Dashboard): Dashboard {
  const copy: Dashboard = JSON.parse(
    JSON.stringify(translate(JSON.parse(JSON.stringify(dashboard)), typesOf(usesOfDashboard(dashboard)))),
  )
  const filters = copy.dashboardFilters?.map((filter) => {
    const label = filter.filterType === 'RESOURCE_LABEL' ? GMP_LABELS[filter.labelKey] : undefined
    if (!label) return filter
    const filterType = label.kind === 'metric' ? 'METRIC_LABEL' : 'RESOURCE_LABEL'
    return { ...filter, labelKey: label.key, filterType }
  })
  return filters ? { ...copy, dashboardFilters: filters } : copy
}

/** Translates an alert policy in the same way. Policies about the sidecar have no counterpart: undefined. */
export function toGmpAlertPolicy(policy: AlertPolicy): AlertPolicy | undefined {
  const uses = usesOfAlertPolicy(policy)
  if (uses.some((use) => SIDECAR_METRICS.test(use.filter))) return undefined
  return JSON.parse(JSON.stringify(translate(JSON.parse(JSON.stringify(policy)), typesOf(uses))))
}
