import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ResourceDefaults } from '../../conversion-rules.ts'
import { matchResource } from './resource.ts'

const DEFAULTS: ResourceDefaults = {
  projectId: 'p',
  kubernetesLocation: 'l',
  kubernetesClusterName: 'c',
  genericLocation: '',
  genericNamespace: '',
}
const GENERIC = { ...DEFAULTS, genericLocation: 'gl', genericNamespace: 'gn' }
const POD_LABEL = '__meta_kubernetes_pod_label_'
const L4LB = '__meta_kubernetes_service_annotation_gke_googleapis_com_anthos_l4lb_'

const POD = { __meta_kubernetes_namespace: 'n', __meta_kubernetes_pod_name: 'pod' }
const CONTAINER = { ...POD, __meta_kubernetes_pod_container_name: 'con' }

interface Case {
  readonly title: string
  readonly discovered?: Record<string, string>
  readonly labels?: Record<string, string>
  readonly defaults?: ResourceDefaults
  readonly expected: { type: string; labels: Record<string, string>; consumed?: string[] } | undefined
}

const CASES: readonly Case[] = [
  {
    title: 'a container',
    discovered: CONTAINER,
    expected: {
      type: 'k8s_container',
      labels: {
        project_id: 'p',
        location: 'l',
        cluster_name: 'c',
        namespace_name: 'n',
        pod_name: 'pod',
        container_name: 'con',
      },
    },
  },
  {
    title: 'a pod without a container',
    discovered: POD,
    expected: {
      type: 'k8s_pod',
      labels: { project_id: 'p', location: 'l', cluster_name: 'c', namespace_name: 'n', pod_name: 'pod' },
    },
  },
  {
    title: 'a node',
    discovered: { __meta_kubernetes_node_name: 'node' },
    expected: { type: 'k8s_node', labels: { project_id: 'p', location: 'l', cluster_name: 'c', node_name: 'node' } },
  },
  {
    title: 'a pod’s node only if there is no pod',
    discovered: { ...CONTAINER, __meta_kubernetes_node_name: 'node' },
    expected: {
      type: 'k8s_container',
      labels: {
        project_id: 'p',
        location: 'l',
        cluster_name: 'c',
        namespace_name: 'n',
        pod_name: 'pod',
        container_name: 'con',
      },
    },
  },
  {
    title: 'an EC2 instance',
    discovered: {
      __meta_ec2_instance_id: 'i-1',
      __meta_ec2_availability_zone: 'us-east-1a',
      __meta_ec2_owner_id: '42',
    },
    expected: {
      type: 'aws_ec2_instance',
      labels: { project_id: 'p', instance_id: 'i-1', region: 'aws:us-east-1a', aws_account: '42' },
    },
  },
  {
    title: 'a GCE instance, by the last part of its zone',
    discovered: {
      __meta_gce_project: 'gp',
      __meta_gce_instance_id: '7',
      __meta_gce_zone: 'https://x/projects/gp/zones/europe-west1-b',
    },
    expected: { type: 'gce_instance', labels: { project_id: 'gp', instance_id: '7', zone: 'europe-west1-b' } },
  },
  {
    title: 'a task elsewhere, by job and instance of the series',
    discovered: { job: 'before relabelling' },
    labels: { job: 'j', instance: 'h:1' },
    defaults: GENERIC,
    expected: {
      type: 'generic_task',
      labels: { project_id: 'p', location: 'gl', namespace: 'gn', job: 'j', task_id: 'h:1' },
      consumed: ['job', 'instance'],
    },
  },
  {
    title: 'nothing without generic location and namespace',
    labels: { job: 'j', instance: 'h:1' },
    expected: undefined,
  },
  {
    title: 'nothing in Kubernetes without a cluster name',
    discovered: CONTAINER,
    defaults: { ...DEFAULTS, kubernetesClusterName: '' },
    expected: undefined,
  },
  {
    title: 'an Anthos load balancer',
    discovered: {
      [`${L4LB}type`]: 't',
      [`${L4LB}kind`]: 'k',
      [`${L4LB}group_name`]: 'g',
      [`${L4LB}hostname`]: 'h',
      ...CONTAINER,
    },
    expected: {
      type: 'anthos_l4lb',
      labels: { project_id: 'p', location: 'l', kind: 'k', group_name: 'g', hostname: 'h' },
    },
  },
  {
    title: 'a connection, by a label of the series',
    discovered: { [`${POD_LABEL}type_connection`]: 'x', ...CONTAINER },
    labels: { connection: 'con-1' },
    expected: {
      type: 'connectors.googleapis.com/Connection',
      labels: { resource_container: 'p', location: 'l', connection: 'con-1' },
      consumed: ['connection'],
    },
  },
  {
    title: 'an Apigee target',
    discovered: { [`${POD_LABEL}type_target_v2`]: 'x', ...CONTAINER },
    labels: { org: 'o', env: 'e', proxy_name: 'pn', type: 't', endpoint: 'ep', runtime_version: 'r', instance_id: 'i' },
    expected: {
      type: 'apigee.googleapis.com/TargetV2',
      labels: {
        resource_container: 'p',
        location: 'l',
        org: 'o',
        env: 'e',
        proxy_name: 'pn',
        type: 't',
        endpoint: 'ep',
        runtime_version: 'r',
        instance_id: 'i',
      },
      consumed: ['org', 'env', 'proxy_name', 'type', 'endpoint', 'runtime_version', 'instance_id'],
    },
  },
  {
    title: 'an Apigee proxy (v2)',
    discovered: { [`${POD_LABEL}type_proxy_v2`]: 'x' },
    labels: { org: 'o', env: 'e', proxy_name: 'pn', runtime_version: 'r', instance_id: 'i' },
    expected: {
      type: 'apigee.googleapis.com/ProxyV2',
      labels: {
        resource_container: 'p',
        location: 'l',
        org: 'o',
        env: 'e',
        proxy_name: 'pn',
        runtime_version: 'r',
        instance_id: 'i',
      },
      consumed: ['org', 'env', 'proxy_name', 'runtime_version', 'instance_id'],
    },
  },
  {
    title: 'an Apigee proxy (v1)',
    discovered: {
      [`${POD_LABEL}type_proxy`]: 'x',
      [`${POD_LABEL}org`]: 'o',
      [`${POD_LABEL}env`]: 'e',
      __meta_kubernetes_pod_name: 'pod',
    },
    labels: { proxy_name: 'pn', revision: '3' },
    expected: {
      type: 'apigee.googleapis.com/Proxy',
      labels: {
        resource_container: 'p',
        location: 'l',
        org: 'o',
        env: 'e',
        proxy_name: 'pn',
        revision: '3',
        host: 'pod',
      },
      consumed: ['proxy_name', 'revision'],
    },
  },
  {
    title: 'an Apigee developer app',
    discovered: {
      [`${POD_LABEL}type_devapp`]: 'x',
      [`${POD_LABEL}org`]: 'o',
      [`${POD_LABEL}env`]: 'e',
      __meta_kubernetes_pod_name: 'pod',
    },
    labels: { api_product_name: 'a' },
    expected: {
      type: 'apigee.googleapis.com/Devapp',
      labels: { resource_container: 'p', location: 'l', org: 'o', env: 'e', api_product_name: 'a', host: 'pod' },
      consumed: ['api_product_name'],
    },
  },
  {
    title: 'the container if a marker exists but labels of its map do not',
    discovered: { [`${POD_LABEL}type_connection`]: 'x', ...CONTAINER },
    expected: {
      type: 'k8s_container',
      labels: {
        project_id: 'p',
        location: 'l',
        cluster_name: 'c',
        namespace_name: 'n',
        pod_name: 'pod',
        container_name: 'con',
      },
    },
  },
]

describe('matchResource', () => {
  for (const { title, discovered = {}, labels = {}, defaults = DEFAULTS, expected } of CASES) {
    it(`finds ${title}`, () => {
      const found = matchResource(new Map(Object.entries(labels)), new Map(Object.entries(discovered)), defaults)
      assert.deepEqual(
        found && { type: found.type, labels: Object.fromEntries(found.labels), consumed: [...found.consumed] },
        expected && { consumed: [], ...expected },
      )
    })
  }

  it('lets no series claim a pod, location or project other than its target’s', () => {
    const forged = {
      __meta_kubernetes_pod_name: 'other',
      _kubernetes_location: 'other',
      _stackdriver_project_id: 'other',
    }
    const found = matchResource(new Map(Object.entries(forged)), new Map(Object.entries({ ...CONTAINER })), DEFAULTS)
    assert.equal(found?.labels.get('pod_name'), 'pod')
    assert.equal(found?.labels.get('location'), 'l')
    assert.equal(found?.labels.get('project_id'), 'p')
    assert.deepEqual([...(found?.consumed ?? [])], [])
  })

  it('uses the first match, in the order of Google’s sidecar', () => {
    const discovered: Record<string, string> = Object.assign({}, ...CASES.map((each) => each.discovered ?? {}))
    const labels: Record<string, string> = Object.assign({}, ...CASES.map((each) => each.labels ?? {}))
    discovered.__meta_kubernetes_node_name = 'node'
    const found: (string | undefined)[] = []
    const without = [
      `${L4LB}type`,
      `${POD_LABEL}type_connection`,
      `${POD_LABEL}type_target_v2`,
      `${POD_LABEL}type_proxy_v2`,
      `${POD_LABEL}type_proxy`,
      `${POD_LABEL}type_devapp`,
      '__meta_kubernetes_pod_container_name',
      '__meta_kubernetes_pod_name',
      '__meta_kubernetes_node_name',
      '__meta_ec2_instance_id',
      '__meta_gce_zone',
      undefined,
    ]
    for (const name of without) {
      found.push(matchResource(new Map(Object.entries(labels)), new Map(Object.entries(discovered)), GENERIC)?.type)
      if (name !== undefined) delete discovered[name]
    }
    assert.deepEqual(found, [
      'anthos_l4lb',
      'connectors.googleapis.com/Connection',
      'apigee.googleapis.com/TargetV2',
      'apigee.googleapis.com/ProxyV2',
      'apigee.googleapis.com/Proxy',
      'apigee.googleapis.com/Devapp',
      'k8s_container',
      'k8s_pod',
      'k8s_node',
      'aws_ec2_instance',
      'gce_instance',
      'generic_task',
    ])
  })

  it('fills gke_container as far as possible if requested', () => {
    const found = matchResource(new Map(), new Map(Object.entries(POD)), DEFAULTS, { useGkeResource: true })
    assert.deepEqual(found && Object.fromEntries(found.labels), {
      project_id: 'p',
      zone: 'l',
      cluster_name: 'c',
      namespace_id: 'n',
      instance_id: '',
      pod_id: 'pod',
      container_name: '',
    })
  })
})
