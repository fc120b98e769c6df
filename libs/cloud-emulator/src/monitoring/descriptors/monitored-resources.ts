import { shortened } from '../../api/shortened.ts'
import type { MetricWriter } from './check-names.ts'

/** A monitored resource type that user-defined metrics can be written to. */
export interface MonitoredResourceType {
  readonly type: string
  readonly displayName: string
  readonly description: string
  /** All labels except the project's, which every type has and which is filled in. */
  readonly labels: readonly string[]
  /** The label of the project. */
  readonly projectLabel: string
  /** The label whose value must be a region or zone. */
  readonly locationLabel?: string
}

const WRITABLE: readonly MonitoredResourceType[] = [
  resource('aws_ec2_instance', 'Amazon EC2 Instance', 'A VM instance in Amazon EC2.', 'instance_id region aws_account'),
  resource(
    'aws_lambda_function',
    'AWS Lambda Function',
    'A function in AWS Lambda.',
    'function_name region aws_account',
  ),
  resource('aws_sqs_queue', 'Amazon SQS Queue', 'A queue in Amazon Simple Queue Service.', 'queue region aws_account'),
  {
    ...resource(
      'baremetalsolution.googleapis.com/Instance',
      'Bare Metal Solution Instance',
      'A Bare Metal Solution server.',
      'location instance_id',
      'location',
    ),
    projectLabel: 'resource_container',
  },
  resource(
    'cloud_composer_environment',
    'Cloud Composer Environment',
    'A Cloud Composer environment.',
    'location environment_name',
    'location',
  ),
  resource(
    'cloud_composer_workflow',
    'Cloud Composer Workflow',
    'A Cloud Composer workflow.',
    'location environment_name workflow_name',
    'location',
  ),
  resource(
    'cloud_dataproc_batch',
    'Cloud Dataproc Batch',
    'An execution of a Dataproc batch.',
    'location batch_id',
    'location',
  ),
  resource('dataflow_job', 'Dataflow Job', 'A Dataflow job.', 'job_name region'),
  resource('gae_instance', 'GAE Instance', 'An App Engine instance.', 'module_id version_id instance_id location'),
  resource(
    'gce_instance',
    'VM Instance',
    'A virtual machine instance hosted in Google Compute Engine.',
    'instance_id zone',
  ),
  resource(
    'generic_node',
    'Generic Node',
    'A machine or other computational resource for which there is no more specific type.',
    'location namespace node_id',
    'location',
  ),
  resource(
    'generic_task',
    'Generic Task',
    'An application process for which there is no more specific type.',
    'location namespace job task_id',
    'location',
  ),
  resource(
    'gke_container',
    'GKE Container',
    'A Kubernetes container instance (legacy).',
    'cluster_name namespace_id instance_id pod_id container_name zone',
  ),
  resource('global', 'Global', 'A resource without a location; for development, and if no other type is suitable.', ''),
  resource('k8s_cluster', 'Kubernetes Cluster', 'A Kubernetes cluster.', 'location cluster_name', 'location'),
  resource(
    'k8s_container',
    'Kubernetes Container',
    'A Kubernetes container instance.',
    'location cluster_name namespace_name pod_name container_name',
    'location',
  ),
  resource('k8s_node', 'Kubernetes Node', 'A Kubernetes node instance.', 'location cluster_name node_name', 'location'),
  resource(
    'k8s_pod',
    'Kubernetes Pod',
    'A Kubernetes pod instance.',
    'location cluster_name namespace_name pod_name',
    'location',
  ),
  resource(
    'k8s_service',
    'Kubernetes Service',
    'A Kubernetes service.',
    'location cluster_name namespace_name service_name',
    'location',
  ),
  resource(
    'prometheus_target',
    'Prometheus Target',
    'A target scraped by Managed Service for Prometheus.',
    'location cluster namespace job instance',
    'location',
  ),
]

/** Common types that user-defined metrics can't be written to. */
const NOT_WRITABLE = new Set([
  'cloud_function',
  'cloud_run_job',
  'cloud_run_revision',
  'gae_app',
  'l7_lb_rule',
  'gcs_bucket',
])

/** Regions and zones, AI zones among them (`us-central1-ai1a`), and multi-regions. */
const LOCATION = /^(?:aws:)?(?:global|us|eu|asia|[a-z]+(?:-[a-z]+)*-?[a-z]*\d+(?:-?[a-z]|-ai\d+[a-z])?)$/

const BY_TYPE = new Map(WRITABLE.map((resource) => [resource.type, resource]))

/** The resource types that user-defined metrics can be written to. */
export function monitoredResourceTypes(): readonly MonitoredResourceType[] {
  return WRITABLE
}

/** A resource type by its name; undefined if it is not listed here. */
export function monitoredResourceType(type: string): MonitoredResourceType | undefined {
  return BY_TYPE.get(type)
}

/**
 * The API's error message for the resource of a written series; undefined if it is valid. Services may write to types
 * that are not listed here.
 */
export function checkResource(
  resource: { type: string; labels: Record<string, string> },
  writer: MetricWriter,
): string | undefined {
  const { type, labels } = resource
  const known = BY_TYPE.get(type)
  if (!known && writer === 'service') return type === '' ? 'Unrecognized resource type: .' : undefined
  if (!known) {
    return NOT_WRITABLE.has(type)
      ? `Metrics cannot be written to ${type}. See https://cloud.google.com/monitoring/custom-metrics/creating-metrics#which-resource for a list of writable resource types.`
      : `Unrecognized resource type: ${shortened(type)}.`
  }
  const missing = known.labels.filter((label) => !(label in labels))
  if (missing.length > 0)
    return `The set of resource labels is incomplete. Missing labels: (${missing.sort().join(' ')}).`
  const unknown = Object.keys(labels).filter((label) => label !== known.projectLabel && !known.labels.includes(label))
  if (unknown.length > 0) return `Unrecognized resource label: ${unknown.sort().join(', ')}.`
  if (known.locationLabel !== undefined && !LOCATION.test(labels[known.locationLabel] ?? ''))
    return 'Unrecognized region or location.'
  return undefined
}

function resource(
  type: string,
  displayName: string,
  description: string,
  labels: string,
  locationLabel?: string,
): MonitoredResourceType {
  return {
    type,
    displayName,
    description,
    labels: labels === '' ? [] : labels.split(' '),
    projectLabel: 'project_id',
    ...(locationLabel === undefined ? {} : { locationLabel }),
  }
}
