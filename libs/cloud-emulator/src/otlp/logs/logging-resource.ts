import type { LogResource } from '../../logging/model/log-entry.ts'

type Attributes = ReadonlyMap<string, string>

/** The labels of a monitored resource, each with the attributes that may contain its value, in order of priority. */
type LabelSources = Readonly<Record<string, readonly string[]>>

const LOCATION = ['cloud.availability_zone', 'cloud.region', 'location']
const K8S_CLUSTER: LabelSources = { location: LOCATION, cluster_name: ['k8s.cluster.name'] }
const K8S_POD: LabelSources = { ...K8S_CLUSTER, namespace_name: ['k8s.namespace.name'], pod_name: ['k8s.pod.name'] }

/** The first resource whose condition is true. */
const RULES: readonly { type: string; when: (attributes: Attributes) => boolean; labels: LabelSources }[] = [
  {
    type: 'gce_instance',
    when: isOn('gcp_compute_engine'),
    labels: { zone: LOCATION, instance_id: ['host.id'] },
  },
  {
    type: 'cloud_run_revision',
    when: (attributes) => isOn('gcp_cloud_run')(attributes) || isOn('gcp_cloud_functions')(attributes),
    labels: {
      location: LOCATION,
      service_name: ['faas.name', 'service.name'],
      revision_name: ['faas.version'],
      configuration_name: ['faas.name'],
    },
  },
  {
    type: 'gae_app',
    when: isOn('gcp_app_engine'),
    labels: { zone: LOCATION, module_id: ['faas.name', 'service.name'], version_id: ['faas.version'] },
  },
  {
    type: 'k8s_container',
    when: has('k8s.container.name'),
    labels: { ...K8S_POD, container_name: ['k8s.container.name'] },
  },
  { type: 'k8s_pod', when: has('k8s.pod.name'), labels: K8S_POD },
  { type: 'k8s_node', when: has('k8s.node.name'), labels: { ...K8S_CLUSTER, node_name: ['k8s.node.name'] } },
  { type: 'k8s_cluster', when: has('k8s.cluster.name'), labels: K8S_CLUSTER },
  {
    type: 'generic_task',
    when: has('service.name'),
    labels: {
      location: LOCATION,
      namespace: ['service.namespace'],
      job: ['service.name'],
      task_id: ['service.instance.id', 'faas.instance', 'host.name'],
    },
  },
]
const GENERIC_NODE: LabelSources = {
  location: LOCATION,
  namespace: ['service.namespace'],
  node_id: ['host.id', 'host.name'],
}

/** The monitored resource that the log records of an OTLP resource belong to, by its attributes. */
export function loggingResource(attributes: Attributes, projectId: string): LogResource {
  const rule = RULES.find(({ when }) => when(attributes)) ?? { type: 'generic_node', labels: GENERIC_NODE }
  const labels: Record<string, string> = { project_id: projectId }
  for (const [label, sources] of Object.entries(rule.labels)) {
    const source = sources.find((key) => attributes.has(key))
    labels[label] =
      (source === undefined ? undefined : attributes.get(source)) ?? (label === 'location' ? 'global' : '')
  }
  return { type: rule.type, labels }
}

function isOn(platform: string): (attributes: Attributes) => boolean {
  return (attributes) => attributes.get('cloud.platform') === platform
}

function has(key: string): (attributes: Attributes) => boolean {
  return (attributes) => attributes.has(key)
}
