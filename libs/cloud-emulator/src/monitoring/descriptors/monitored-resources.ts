import { shortened } from '../../api/shortened.ts'

/** A monitored resource type that user-defined metrics can be written to. */
export interface MonitoredResourceType {
  readonly type: string
  readonly displayName: string
  readonly description: string
  /** All labels except `project_id`, which every type has and which is filled in. */
  readonly labels: readonly string[]
  /** The label whose value must be a region or zone. */
  readonly locationLabel?: string
}

const WRITABLE: readonly MonitoredResourceType[] = [
  {
    type: 'aws_ec2_instance',
    displayName: 'Amazon EC2 Instance',
    description: 'A VM instance in Amazon EC2.',
    labels: ['instance_id', 'region', 'aws_account'],
  },
  {
    type: 'dataflow_job',
    displayName: 'Dataflow Job',
    description: 'A Dataflow job.',
    labels: ['job_name', 'region'],
  },
  {
    type: 'gae_instance',
    displayName: 'GAE Instance',
    description: 'An App Engine instance.',
    labels: ['module_id', 'version_id', 'instance_id', 'location'],
  },
  {
    type: 'gce_instance',
    displayName: 'VM Instance',
    description: 'A virtual machine instance hosted in Google Compute Engine.',
    labels: ['instance_id', 'zone'],
  },
  {
    type: 'generic_node',
    displayName: 'Generic Node',
    description: 'A machine or other computational resource that no more specific type describes.',
    labels: ['location', 'namespace', 'node_id'],
    locationLabel: 'location',
  },
  {
    type: 'generic_task',
    displayName: 'Generic Task',
    description: 'An application process that no more specific type describes.',
    labels: ['location', 'namespace', 'job', 'task_id'],
    locationLabel: 'location',
  },
  {
    type: 'gke_container',
    displayName: 'GKE Container',
    description: 'A Kubernetes container instance (legacy).',
    labels: ['cluster_name', 'namespace_id', 'instance_id', 'pod_id', 'container_name', 'zone'],
  },
  {
    type: 'global',
    displayName: 'Global',
    description: 'A resource that is tied to no place; for development and for what no other type describes.',
    labels: [],
  },
  {
    type: 'k8s_cluster',
    displayName: 'Kubernetes Cluster',
    description: 'A Kubernetes cluster.',
    labels: ['location', 'cluster_name'],
    locationLabel: 'location',
  },
  {
    type: 'k8s_container',
    displayName: 'Kubernetes Container',
    description: 'A Kubernetes container instance.',
    labels: ['location', 'cluster_name', 'namespace_name', 'pod_name', 'container_name'],
    locationLabel: 'location',
  },
  {
    type: 'k8s_node',
    displayName: 'Kubernetes Node',
    description: 'A Kubernetes node instance.',
    labels: ['location', 'cluster_name', 'node_name'],
    locationLabel: 'location',
  },
  {
    type: 'k8s_pod',
    displayName: 'Kubernetes Pod',
    description: 'A Kubernetes pod instance.',
    labels: ['location', 'cluster_name', 'namespace_name', 'pod_name'],
    locationLabel: 'location',
  },
  {
    type: 'prometheus_target',
    displayName: 'Prometheus Target',
    description: 'A target scraped by Managed Service for Prometheus.',
    labels: ['location', 'cluster', 'namespace', 'job', 'instance'],
    locationLabel: 'location',
  },
]

/** Common types that no user-defined metric can be written to. */
const NOT_WRITABLE = new Set([
  'cloud_function',
  'cloud_run_job',
  'cloud_run_revision',
  'gae_app',
  'k8s_service',
  'l7_lb_rule',
  'gcs_bucket',
])

const LOCATION = /^(?:aws:)?(?:global|us|eu|asia|[a-z]+(?:-[a-z]+)*-?[a-z]*\d+(?:-?[a-z])?)$/

const BY_TYPE = new Map(WRITABLE.map((resource) => [resource.type, resource]))

export function monitoredResourceTypes(): readonly MonitoredResourceType[] {
  return WRITABLE
}

export function monitoredResourceType(type: string): MonitoredResourceType | undefined {
  return BY_TYPE.get(type)
}

/** Describes what is wrong with the resource of a written series, in the API's words; undefined if nothing is. */
export function checkResource(resource: { type: string; labels: Record<string, string> }): string | undefined {
  const { type, labels } = resource
  const known = BY_TYPE.get(type)
  if (!known) {
    return NOT_WRITABLE.has(type)
      ? `Metrics cannot be written to ${type}. See https://cloud.google.com/monitoring/custom-metrics/creating-metrics#which-resource for a list of writable resource types.`
      : `Unrecognized resource type: ${shortened(type)}.`
  }
  const missing = known.labels.filter((label) => !(label in labels))
  if (missing.length > 0)
    return `The set of resource labels is incomplete. Missing labels: (${missing.sort().join(' ')}).`
  const unknown = Object.keys(labels).filter((label) => label !== 'project_id' && !known.labels.includes(label))
  if (unknown.length > 0) return `Unrecognized resource label: ${unknown.sort().join(', ')}.`
  if (known.locationLabel !== undefined && !LOCATION.test(labels[known.locationLabel] ?? ''))
    return 'Unrecognized region or location.'
  return undefined
}
