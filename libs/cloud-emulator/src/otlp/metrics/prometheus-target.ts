type Attributes = ReadonlyMap<string, string>

/** The labels of the `prometheus_target` that a resource's points are written to. */
export interface PrometheusTarget {
  readonly labels: {
    readonly location: string
    readonly cluster: string
    readonly namespace: string
    readonly job: string
    readonly instance: string
  }
  /** Why Google rejects the points of this resource; missing labels then have values that distinguish targets. */
  readonly problem?: string
}

const LOCATION = ['location', 'cloud.availability_zone', 'cloud.region']
const PLATFORM_CLUSTERS: ReadonlyMap<string, string> = new Map([
  ['gcp_compute_engine', '__gce__'],
  ['gcp_cloud_run', '__run__'],
])
const WORKLOADS = [
  'k8s.deployment.name',
  'k8s.replicaset.name',
  'k8s.statefulset.name',
  'k8s.daemonset.name',
  'k8s.job.name',
  'k8s.cronjob.name',
]
const DEFAULT_LOCATION = 'global'

/**
 * The target of a resource, by the priorities in Google's documentation "v1.metrics overview". Google rejects points
 * without a location or an instance.
 */
export function prometheusTarget(attributes: Attributes): PrometheusTarget {
  const location = firstOf(attributes, LOCATION)
  const instance = instanceOf(attributes)
  const labels = {
    location: location ?? DEFAULT_LOCATION,
    cluster:
      firstOf(attributes, ['cluster', 'k8s.cluster.name']) ??
      PLATFORM_CLUSTERS.get(attributes.get('cloud.platform') ?? '') ??
      '',
    namespace: firstOf(attributes, ['namespace', 'k8s.namespace.name', 'service.namespace']) ?? '',
    job: jobOf(attributes),
    instance: instance ?? processOf(attributes),
  }
  const missing = [...(location === undefined ? ['location'] : []), ...(instance === undefined ? ['instance'] : [])]
  if (missing.length === 0) return { labels }
  const sources = missing.map((label) =>
    label === 'location'
      ? 'location (location, cloud.availability_zone, cloud.region)'
      : 'instance (instance, service.instance.id, faas.instance, k8s.pod.name, host.id)',
  )
  return { labels, problem: `The labels of prometheus_target must not be empty: ${sources.join(', ')}.` }
}

function jobOf(attributes: Attributes): string {
  const job = firstOf(attributes, ['job'])
  if (job !== undefined) return job
  const service = attributes.get('service.name') ?? ''
  const namespace = attributes.get('service.namespace') ?? ''
  const unknown = service === '' || service.startsWith('unknown_service')
  if (!unknown) return namespace === '' ? service : `${namespace}/${service}`
  return firstOf(attributes, ['faas.name', ...WORKLOADS]) ?? service
}

function instanceOf(attributes: Attributes): string | undefined {
  const own = firstOf(attributes, ['instance', 'service.instance.id', 'faas.instance'])
  if (own !== undefined) return own
  const pod = firstOf(attributes, ['k8s.pod.name'])
  const container = firstOf(attributes, ['k8s.container.name'])
  if (pod !== undefined) return container === undefined ? pod : `${pod}:${container}`
  return firstOf(attributes, ['host.id'])
}

/** A value that still distinguishes processes if Google would reject the point. */
function processOf(attributes: Attributes): string {
  const host = attributes.get('host.name') ?? 'localhost'
  const pid = attributes.get('process.pid')
  return pid === undefined ? host : `${host}:${pid}`
}

function firstOf(attributes: Attributes, keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const value = attributes.get(key)
    if (value !== undefined && value !== '') return value
  }
  return undefined
}
