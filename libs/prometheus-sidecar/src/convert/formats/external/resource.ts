import type { Labels } from '../../../model/labels/labels.ts'
import type { ResourceDefaults } from '../../conversion-rules.ts'
import type { MatchedResource } from '../metrics-format.ts'

interface ResourceLabel {
  /** Name of the Prometheus label that its value comes from. */
  readonly from: string
  readonly translate?: (value: string) => string
}

interface ResourceMap {
  readonly type: string
  /** A discovered label that the map requires. */
  readonly marker?: string
  /** Label of the monitored resource → its source. All must exist. */
  readonly labels: Readonly<Record<string, ResourceLabel>>
}

const PROJECT = { from: '_stackdriver_project_id' }
const LOCATION = { from: '_kubernetes_location' }
const CLUSTER = { from: '_kubernetes_cluster_name' }
const NAMESPACE = { from: '__meta_kubernetes_namespace' }
const POD = { from: '__meta_kubernetes_pod_name' }
const CONTAINER = { from: '__meta_kubernetes_pod_container_name' }
const NODE = { from: '__meta_kubernetes_node_name' }
const podLabel = (name: string) => `__meta_kubernetes_pod_label_${name}`
const l4lbAnnotation = (name: string) => `__meta_kubernetes_service_annotation_gke_googleapis_com_anthos_l4lb_${name}`
const same = (...names: string[]) => Object.fromEntries(names.map((name) => [name, { from: name }]))

/** The maps of Google's sidecar, in its order; the first whose labels all exist is used. */
const RESOURCE_MAPS: readonly ResourceMap[] = [
  {
    type: 'anthos_l4lb',
    marker: l4lbAnnotation('type'),
    labels: {
      project_id: PROJECT,
      location: LOCATION,
      kind: { from: l4lbAnnotation('kind') },
      group_name: { from: l4lbAnnotation('group_name') },
      hostname: { from: l4lbAnnotation('hostname') },
    },
  },
  {
    type: 'connectors.googleapis.com/Connection',
    marker: podLabel('type_connection'),
    labels: { resource_container: PROJECT, location: LOCATION, ...same('connection') },
  },
  {
    type: 'apigee.googleapis.com/TargetV2',
    marker: podLabel('type_target_v2'),
    labels: {
      resource_container: PROJECT,
      location: LOCATION,
      ...same('org', 'env', 'proxy_name', 'type', 'endpoint', 'runtime_version', 'instance_id'),
    },
  },
  {
    type: 'apigee.googleapis.com/ProxyV2',
    marker: podLabel('type_proxy_v2'),
    labels: {
      resource_container: PROJECT,
      location: LOCATION,
      ...same('org', 'env', 'proxy_name', 'runtime_version', 'instance_id'),
    },
  },
  {
    type: 'apigee.googleapis.com/Proxy',
    marker: podLabel('type_proxy'),
    labels: {
      resource_container: PROJECT,
      location: LOCATION,
      org: { from: podLabel('org') },
      env: { from: podLabel('env') },
      ...same('proxy_name', 'revision'),
      host: POD,
    },
  },
  {
    type: 'apigee.googleapis.com/Devapp',
    marker: podLabel('type_devapp'),
    labels: {
      resource_container: PROJECT,
      location: LOCATION,
      org: { from: podLabel('org') },
      env: { from: podLabel('env') },
      ...same('api_product_name'),
      host: POD,
    },
  },
  {
    type: 'k8s_container',
    labels: {
      project_id: PROJECT,
      location: LOCATION,
      cluster_name: CLUSTER,
      namespace_name: NAMESPACE,
      pod_name: POD,
      container_name: CONTAINER,
    },
  },
  {
    type: 'k8s_pod',
    labels: {
      project_id: PROJECT,
      location: LOCATION,
      cluster_name: CLUSTER,
      namespace_name: NAMESPACE,
      pod_name: POD,
    },
  },
  {
    type: 'k8s_node',
    labels: { project_id: PROJECT, location: LOCATION, cluster_name: CLUSTER, node_name: NODE },
  },
  {
    type: 'aws_ec2_instance',
    labels: {
      project_id: PROJECT,
      instance_id: { from: '__meta_ec2_instance_id' },
      region: { from: '__meta_ec2_availability_zone', translate: (zone) => `aws:${zone}` },
      aws_account: { from: '__meta_ec2_owner_id' },
    },
  },
  {
    type: 'gce_instance',
    labels: {
      project_id: { from: '__meta_gce_project' },
      instance_id: { from: '__meta_gce_instance_id' },
      zone: { from: '__meta_gce_zone', translate: (zone) => zone.slice(zone.lastIndexOf('/') + 1) },
    },
  },
  {
    type: 'generic_task',
    labels: {
      project_id: PROJECT,
      location: { from: '_generic_location' },
      namespace: { from: '_generic_namespace' },
      job: { from: 'job' },
      task_id: { from: 'instance' },
    },
  },
]

/** The older GKE resource; missing labels become empty. */
const GKE_CONTAINER: ResourceMap = {
  type: 'gke_container',
  labels: {
    project_id: PROJECT,
    zone: LOCATION,
    cluster_name: CLUSTER,
    namespace_id: NAMESPACE,
    instance_id: NODE,
    pod_id: POD,
    container_name: CONTAINER,
  },
}

/**
 * Finds the monitored resource of a series by its labels and the discovered labels of its target. If both have a label
 * whose name starts with `_`, the target's is used, so that a target can't write as another one. Returns undefined if
 * no map matches. With `useGkeResource` it is always `gke_container`.
 */
export function matchResource(
  seriesLabels: Labels,
  discoveredLabels: Labels,
  defaults: ResourceDefaults,
  options: { readonly useGkeResource?: boolean } = {},
): MatchedResource | undefined {
  const discovered = new Map(discoveredLabels)
  const settings: readonly (readonly [string, string])[] = [
    [PROJECT.from, defaults.projectId],
    [LOCATION.from, defaults.kubernetesLocation],
    [CLUSTER.from, defaults.kubernetesClusterName],
    ['_generic_location', defaults.genericLocation],
    ['_generic_namespace', defaults.genericNamespace],
  ]
  for (const [name, value] of settings) if (value !== '') discovered.set(name, value)

  if (options.useGkeResource === true) return translate(GKE_CONTAINER, seriesLabels, discovered, true)
  for (const map of RESOURCE_MAPS) {
    if (map.marker !== undefined && !discovered.has(map.marker)) continue
    const resource = translate(map, seriesLabels, discovered, false)
    if (resource !== undefined) return resource
  }
  return undefined
}

function translate(
  map: ResourceMap,
  seriesLabels: Labels,
  discovered: Labels,
  bestEffort: boolean,
): MatchedResource | undefined {
  const labels = new Map<string, string>()
  const consumed = new Set<string>()
  for (const [name, { from, translate: change }] of Object.entries(map.labels)) {
    const own = seriesLabels.get(from)
    // The target's own labels take precedence: a series may only add what they lack.
    const value = from.startsWith('_') ? (discovered.get(from) ?? own) : (own ?? discovered.get(from))
    if (value === undefined && !bestEffort) return undefined
    if (own !== undefined && own === value) consumed.add(from)
    labels.set(name, value === undefined ? '' : change === undefined ? value : change(value))
  }
  return { type: map.type, labels, consumed }
}
