import type { AlertPolicy, Dashboard } from './documents.ts'
import { expectedType, METRIC_PREFIX, usesOfAlertPolicy, usesOfDashboard } from './metric-use.ts'

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
type PrometheusType = 'counter' | 'histogram' | 'gauge'

interface LabelPlace {
  readonly kind: 'resource' | 'metric'
  readonly key: string
}

/** Another route of the same metrics into Cloud Monitoring, on the monitored resource `prometheus_target`. */
interface MetricRoute {
  /** The labels of `k8s_container`, and where each is kept. */
  readonly labels: Readonly<Record<string, LabelPlace>>
  /** The name of a container there, if it is a different one. */
  readonly containers: Readonly<Record<string, string>>
  /** Metrics that do not exist there. */
  readonly absent: RegExp
}

const COMMON_LABELS = {
  project_id: { kind: 'resource', key: 'project_id' },
  location: { kind: 'resource', key: 'location' },
  cluster_name: { kind: 'resource', key: 'cluster' },
  namespace_name: { kind: 'resource', key: 'namespace' },
} as const

/** Managed Service for Prometheus; neither the sidecar nor its Prometheus runs with it. */
const GMP: MetricRoute = {
  labels: {
    ...COMMON_LABELS,
    pod_name: { kind: 'metric', key: 'pod' },
    container_name: { kind: 'metric', key: 'container' },
  },
  containers: {},
  absent: /prometheus\/prometheus_/,
}

/** OTLP: `job` is the name of the service, `instance` a process, and nothing is scraped. */
const OTLP: MetricRoute = {
  labels: {
    ...COMMON_LABELS,
    pod_name: { kind: 'resource', key: 'instance' },
    container_name: { kind: 'resource', key: 'job' },
  },
  containers: {
    'flask-app-tutorial': 'flask-app',
    'loadtester-master': 'loadtester',
    'loadtester-worker': 'loadtester',
  },
  absent: /prometheus\/(?:prometheus_|scrape_|up")/,
}

function translateType(metricType: string, types: ReadonlyMap<string, PrometheusType>): string {
  const name = metricType.slice(METRIC_PREFIX.length)
  const type = types.get(metricType) ?? 'gauge'
  // The sidecar uses the OpenMetrics family name, without _total; Managed Service for Prometheus uses the sample's name.
  return `prometheus.googleapis.com/${name}${type === 'counter' ? '_total' : ''}/${type}`
}

function translateText(text: string, types: ReadonlyMap<string, PrometheusType>, route: MetricRoute): string {
  return text
    .replace(/resource\.type\s*=\s*"k8s_container"/g, 'resource.type="prometheus_target"')
    .replace(/(\bresource\.labels?\.container_name\s*=\s*)"([^"]*)"/g, (_, before: string, name: string) => {
      return `${before}"${route.containers[name] ?? name}"`
    })
    .replace(/\bresource\.(labels?)\.(\w+)/g, (whole, plural: string, key: string) => {
      const label = route.labels[key]
      return label ? `${label.kind}.${plural}.${label.key}` : whole
    })
    .replace(/\bmetric\.(labels?)\.exported_app\b/g, 'metric.$1.app')
    .replace(new RegExp(`"${METRIC_PREFIX.replaceAll('.', '\\.')}[^"]*"`, 'g'), (quoted) => {
      return `"${translateType(quoted.slice(1, -1), types)}"`
    })
}

function translate(value: Json, types: ReadonlyMap<string, PrometheusType>, route: MetricRoute): Json {
  if (typeof value === 'string') return translateText(value, types, route)
  if (Array.isArray(value)) return value.map((one: Json) => translate(one, types, route))
  if (typeof value !== 'object' || value === null) return value
  const result: Record<string, Json> = {}
  for (const [key, one] of Object.entries(value)) {
    // Logs keep the resource k8s_container.
    result[key] = key === 'logsPanel' ? one : translate(one, types, route)
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
  return translateDashboard(dashboard, GMP)
}

/** Translates an alert policy in the same way. Policies about the sidecar have no counterpart: undefined. */
export function toGmpAlertPolicy(policy: AlertPolicy): AlertPolicy | undefined {
  return translatePolicy(policy, GMP)
}

/** Translates a dashboard to the names that metrics have by OTLP. Those about scraping have no counterpart: undefined. */
export function toOtlpDashboard(dashboard: Dashboard): Dashboard | undefined {
  const isAbsent = usesOfDashboard(dashboard).some((use) => OTLP.absent.test(use.filter))
  return isAbsent ? undefined : translateDashboard(dashboard, OTLP)
}

/** Translates an alert policy in the same way. */
export function toOtlpAlertPolicy(policy: AlertPolicy): AlertPolicy | undefined {
  return translatePolicy(policy, OTLP)
}

function translateDashboard(dashboard: Dashboard, route: MetricRoute): Dashboard {
  const document: Json = JSON.parse(JSON.stringify(dashboard))
  const copy: Dashboard = JSON.parse(JSON.stringify(translate(document, typesOf(usesOfDashboard(dashboard)), route)))
  const filters = copy.dashboardFilters?.map((filter) => {
    const label = filter.filterType === 'RESOURCE_LABEL' ? route.labels[filter.labelKey] : undefined
    if (!label) return filter
    const filterType = label.kind === 'metric' ? 'METRIC_LABEL' : 'RESOURCE_LABEL'
    return { ...filter, labelKey: label.key, filterType }
  })
  return filters ? { ...copy, dashboardFilters: filters } : copy
}

function translatePolicy(policy: AlertPolicy, route: MetricRoute): AlertPolicy | undefined {
  const uses = usesOfAlertPolicy(policy)
  if (uses.some((use) => route.absent.test(use.filter))) return undefined
  const document: Json = JSON.parse(JSON.stringify(policy))
  return JSON.parse(JSON.stringify(translate(document, typesOf(uses), route)))
}
