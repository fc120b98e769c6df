import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { parse } from 'yaml'
import { readAlertPolicies, readDashboards } from '../src/dashboards/documents.ts'
import { toGmpDashboard } from '../src/dashboards/gmp-translation.ts'
import { METRIC_PREFIX, metricTypesOf, usesOfAlertPolicy, usesOfDashboard } from '../src/dashboards/metric-use.ts'
import { deployDir } from '../src/repository.ts'
import type { V1ClusterRoleBinding, V1Deployment, V1NetworkPolicy, V1Role, V1Service } from './kubernetes-types.ts'
import { buildKustomization } from './kustomize/build.ts'
import { compositions } from './kustomize/compositions.ts'
import { kustomizeOrReason } from './kustomize/tool.ts'
import { isKind, isWorkload, type Manifest, nameOf, podSpecOf } from './manifest.ts'

const tool = kustomizeOrReason()
const skip = typeof tool === 'string' ? tool : false

function built(folder: string): Promise<Manifest[]> {
  assert.ok(typeof tool !== 'string')
  return buildKustomization(tool, join(deployDir, folder))
}

function podOf(manifests: readonly Manifest[], name: string): ReturnType<typeof podSpecOf> {
  const workload = manifests.filter(isWorkload).find((one) => one.metadata.name === name)
  assert.ok(workload, `no workload ${name}`)
  return podSpecOf(workload)
}

function named<T>(manifests: readonly Manifest[], kind: string, name: string): Manifest & T {
  const found = manifests.filter(isKind<T>(kind)).find((one) => one.metadata.name === name)
  assert.ok(found, `no ${kind}/${name}`)
  return found
}

/** The names of series that a composition's Prometheus does not send. */
async function notSent(folder: string): Promise<RegExp[]> {
  const map = named<{ data: Record<string, string> }>(await built(folder), 'ConfigMap', 'prometheus-k8s')
  const {
    remote_write: [{ write_relabel_configs: rules }],
  } = parse(map.data['prometheus.yml'] ?? '')
  const drops = rules.filter(({ action }: { action: string }) => action === 'drop')
  return drops.map(({ regex }: { regex: string }) => new RegExp(`^(?:${regex})$`))
}

describe('what each component adds', { skip }, () => {
  for (const folder of ['overlays/gke', 'overlays/local']) {
    test(`prometheus-sidecar in ${folder}: beside Prometheus, stops after it, reached on localhost, with its state beside the data`, async () => {
      const pod = podOf(await built(folder), 'prometheus-k8s')
      const [sidecar, prometheus] = ['prometheus-sidecar', 'prometheus'].map((name) =>
        pod.containers.find((one) => one.name === name),
      )
      assert.ok(sidecar && prometheus)
      // Prometheus starts whatever the sidecar does.
      assert.equal(pod.initContainers, undefined)
      assert.equal(sidecar.lifecycle?.preStop?.sleep?.seconds, 10)
      assert.deepEqual(
        sidecar.ports?.map(({ name, containerPort }) => [name, containerPort]),
        [['sidecar-metrics', 9091]],
      )
      const mountOf = (mounts = sidecar.volumeMounts) => mounts?.find(({ mountPath }) => mountPath === '/data')?.name
      assert.equal(mountOf(), mountOf(prometheus.volumeMounts))
      assert.ok(sidecar.args?.some((arg) => /^--state-file=\/data\//.test(arg)))
      const { data } = named<{ data: Record<string, string> }>(await built(folder), 'ConfigMap', 'prometheus-k8s')
      assert.match(JSON.stringify(data), /http:\/\/(127\.0\.0\.1|localhost):9091\/api\/v1\/write/)
    })
  }

  test('stackdriver-sidecar: Google’s image instead of ours', async () => {
    const text = JSON.stringify(podOf(await built('tests/stackdriver-sidecar'), 'prometheus-k8s'))
    assert.match(text, /gcr\.io\/stackdriver-prometheus\/stackdriver-prometheus-sidecar:/)
    assert.doesNotMatch(text, /"image":"prometheus-sidecar"/)
  })

  test('gmp: each `*-metrics` port has its PodMonitoring', async () => {
    const manifests = await built('tests/gmp')
    const monitored = manifests.filter(({ kind }) => kind === 'PodMonitoring').map((one) => JSON.stringify(one))
    for (const port of ['flask-metrics', 'custom-metrics', 'master-metrics', 'worker-metrics'])
      assert.ok(
        monitored.some((text) => text.includes(`"port":"${port}"`)),
        port,
      )
  })

  test('high-availability: two pods whose sidecars compete for a Lease that they may get and update', async () => {
    const manifests = await built('tests/high-availability')
    const deployment = named<V1Deployment>(manifests, 'Deployment', 'prometheus-k8s')
    assert.deepEqual([deployment.spec?.replicas, deployment.spec?.strategy?.type], [2, 'RollingUpdate'])
    const pod = podOf(manifests, 'prometheus-k8s')
    const sidecar = pod.containers.find(({ name }) => name === 'prometheus-sidecar')
    const lease = sidecar?.args?.find((arg) => arg.startsWith('--ha.lease='))?.replace('--ha.lease=kubernetes:', '')
    const mount = sidecar?.volumeMounts?.find(({ mountPath }) => mountPath.endsWith('/serviceaccount'))
    assert.ok(pod.volumes?.some(({ name, projected }) => name === mount?.name && projected !== undefined))
    const role = named<V1Role>(manifests, 'Role', 'prometheus-sidecar-lease')
    const may = (verb: string, name?: string) =>
      role.rules?.some(
        ({ resources = [], verbs, resourceNames = [] }) =>
          resources.includes('leases') && verbs.includes(verb) && (name === undefined || resourceNames.includes(name)),
      )
    assert.deepEqual([may('create'), may('get', lease), may('update', lease)], [true, true, true])
  })

  test('gmp-format: one more argument of the sidecar', async () => {
    const argsIn = async (folder: string) =>
      podOf(await built(folder), 'prometheus-k8s').containers.find(({ name }) => name === 'prometheus-sidecar')?.args ??
      []
    assert.deepEqual(await argsIn('tests/gmp-format'), [
      ...(await argsIn('overlays/gke')),
      '--stackdriver.metrics-format=gmp',
    ])
  })

  test('gmp-format: targets have the labels by which the dashboards of --gmp select them', async () => {
    const rulesIn = async (folder: string): Promise<object[]> => {
      const map = named<{ data: Record<string, string> }>(await built(folder), 'ConfigMap', 'prometheus-k8s')
      const [pods] = parse(map.data['prometheus.yml'] ?? '').scrape_configs
      return pods.relabel_configs
    }
    const labels = (await readDashboards()).flatMap(({ document }) =>
      [...JSON.stringify(toGmpDashboard(document)).matchAll(/metric\.labels?\.(pod|container)\b/g)].map(
        ([, name]) => name,
      ),
    )
    assert.deepEqual(await rulesIn('tests/gmp-format'), [
      ...(await rulesIn('overlays/gke')),
      ...[...new Set(labels)].sort().map((label) => ({
        source_labels: [label === 'pod' ? '__meta_kubernetes_pod_name' : '__meta_kubernetes_pod_container_name'],
        target_label: label,
      })),
    ])
  })

  test('datadog: an agent on each node, with the key of the Secret', async () => {
    const text = JSON.stringify(podOf(await built('tests/datadog'), 'datadog-agent'))
    assert.match(text, /"secretKeyRef":\{"key":"api-key","name":"datadog-agent"\}/)
  })

  test('datadog: names of the whole cluster hold the namespace', async () => {
    for (const folder of ['tests/datadog', 'overlays/gke/monitoring-datadog']) {
      const manifests = await built(folder)
      const binding = named<V1ClusterRoleBinding>(manifests, 'ClusterRoleBinding', 'datadog-agent:default')
      named(manifests, 'ClusterRole', 'datadog-agent:default')
      assert.equal(binding.roleRef.name, 'datadog-agent:default', folder)
      assert.equal(binding.subjects?.[0]?.namespace, 'default', folder)
    }
  })

  test('every other name is one of a namespace, so that installations stand side by side', async () => {
    for (const folder of compositions().filter((one) => !one.includes('datadog'))) {
      const kinds = (await built(folder))
        .map(({ kind }) => kind)
        .filter((kind) => /^(Cluster|PriorityClass|StorageClass)/.test(kind))
      assert.deepEqual(kinds, [], folder)
    }
  })

  test('autoscaling by requests in flight: by the metric that the adapter’s rule has, made of one that flask-app has', async () => {
    const manifests = await built('tests/requests-in-flight')
    assert.equal(named<V1Deployment>(manifests, 'Deployment', 'flask-app-tutorial').spec?.replicas, undefined)
    const autoscaler = JSON.stringify(named(manifests, 'HorizontalPodAutoscaler', 'flask-app-tutorial'))
    const values = join(deployDir, 'components/autoscaling/requests-in-flight/prometheus-adapter.values.yaml')
    const [rule] = parse(readFileSync(values, 'utf8')).rules.custom
    assert.ok(autoscaler.includes(`"name":"${rule.name.as}"`))
    assert.match(rule.seriesQuery, /^flask_http_request_duration_seconds_sum\{/)
  })

  test('otlp: the signals of the services go to the Telemetry API, and nothing scrapes', async () => {
    const manifests = await built('tests/otlp')
    const tracers = ['flask-app-tutorial', 'loadtester-worker']
    for (const name of [...tracers, 'custom-metrics-example', 'loadtester-master']) {
      const env = podOf(manifests, name).containers[0]?.env ?? []
      const values = new Map(env.map((one) => [one.name, one.value]))
      assert.equal(values.get('OTEL_METRICS_EXPORTER'), 'otlp', name)
      assert.equal(values.get('OTEL_LOGS_EXPORTER'), 'otlp', name)
      if (tracers.includes(name)) assert.equal(values.get('OTEL_TRACES_EXPORTER'), 'otlp', name)
      // Without the namespace, dashboards can't tell installations apart.
      assert.match(values.get('OTEL_RESOURCE_ATTRIBUTES') ?? '', /k8s\.namespace\.name=\$\(POD_NAMESPACE\),/, name)
      assert.match(values.get('OTEL_EXPORTER_OTLP_ENDPOINT') ?? '', /^https:\/\/telemetry\.googleapis\.com/, name)
    }
    assert.doesNotMatch(JSON.stringify(manifests.filter(({ kind }) => kind === 'StatefulSet')), /prometheus/)
  })

  test('autoscaling: the autoscaler owns the number of pods, and a budget protects them', async () => {
    for (const folder of ['tests/hardened', 'tests/local-hardened']) {
      const manifests = await built(folder)
      for (const name of ['flask-app-tutorial', 'loadtester-worker']) {
        const { spec } = named<V1Deployment>(manifests, 'Deployment', name)
        assert.equal(spec?.replicas, undefined, `${folder} ${name}`)
        named(manifests, 'HorizontalPodAutoscaler', name)
        named(manifests, 'PodDisruptionBudget', name)
      }
    }
  })

  test('persistent: the data of Prometheus and sidecar and the load tester’s runs on claims, in both overlays', async () => {
    const dataOf = async (folder: string, workload: string) =>
      podOf(await built(folder), workload).volumes?.find(({ name }) => name === 'data')
    for (const folder of ['overlays/gke', 'overlays/local', 'tests/emulator']) {
      for (const name of ['prometheus-k8s', 'loadtester-master']) {
        const data = await dataOf(folder, name)
        assert.equal(data?.persistentVolumeClaim?.claimName, name, folder)
        assert.equal(data?.emptyDir, undefined, folder)
      }
    }
    assert.ok((await dataOf('base', 'prometheus-k8s'))?.emptyDir)
  })

  test('prometheus-sidecar: the series of alerts, which have the labels of what they are about and no type, are not sent', async () => {
    for (const name of ['ALERTS', 'ALERTS_FOR_STATE'])
      assert.ok(
        (await notSent('tests/emulator')).some((pattern) => pattern.test(name)),
        name,
      )
  })

  test('charted-series: drops what no dashboard or alert uses, before it is sent', async () => {
    const used = [
      ...(await readDashboards()).flatMap(({ document }) => usesOfDashboard(document)),
      ...(await readAlertPolicies()).flatMap(({ document }) => usesOfAlertPolicy(document)),
    ].flatMap(({ filter }) => metricTypesOf(filter).map((type) => type.slice(METRIC_PREFIX.length)))
    for (const folder of ['overlays/gke', 'overlays/local']) {
      const patterns = await notSent(folder)
      assert.ok(
        patterns.some((pattern) => pattern.test('nodejs_heap_space_size_used_bytes')),
        folder,
      )
      for (const name of used) assert.ok(!patterns.some((pattern) => pattern.test(name)), name)
    }
    const all = await notSent('tests/emulator')
    assert.ok(!all.some((pattern) => pattern.test('nodejs_heap_space_size_used_bytes')))
  })

  test('network-policies: opens no port to every address or namespace, but Datadog’s', async () => {
    const policies = (await built('tests/hardened')).filter(isKind<V1NetworkPolicy>('NetworkPolicy'))
    for (const policy of policies) {
      for (const { to = [] } of policy.spec?.egress ?? []) {
        assert.ok(to.length > 0, nameOf(policy))
        for (const { ipBlock, namespaceSelector } of to) {
          assert.notEqual(ipBlock?.cidr, '0.0.0.0/0', nameOf(policy))
          if (namespaceSelector) assert.ok(namespaceSelector.matchLabels, nameOf(policy))
        }
      }
    }
  })

  test('network-policies: denies what no other policy allows, in both directions', async () => {
    const policies = (await built('tests/hardened')).filter(isKind<V1NetworkPolicy>('NetworkPolicy'))
    const denying = policies.filter(({ spec }) => !spec?.ingress?.length && !spec?.egress?.length)
    assert.equal(denying.length, 1)
    assert.deepEqual([...(denying[0]?.spec?.policyTypes ?? [])].sort(), ['Egress', 'Ingress'])
  })

  test('network-policies: whoever writes to Google’s APIs may reach them, also by OTLP', async () => {
    const writers = {
      'tests/hardened': ['prometheus-k8s', 'flask-app-tutorial', 'loadtester-worker'],
      'tests/otlp': ['flask-app-tutorial', 'custom-metrics-example', 'loadtester-master', 'loadtester-worker'],
    }
    for (const [folder, names] of Object.entries(writers)) {
      const policy = named<V1NetworkPolicy>(await built(folder), 'NetworkPolicy', 'to-google-apis')
      const selected = policy.spec?.podSelector?.matchExpressions?.[0]?.values ?? []
      assert.deepEqual([...selected].sort(), names.sort(), folder)
    }
  })

  test('network-policies: Google’s collectors may read the metrics ports, on clusters of both modes of GKE', async () => {
    const policy = JSON.stringify(named(await built('tests/hardened'), 'NetworkPolicy', 'metrics'))
    for (const namespace of ['gmp-system', 'gke-gmp-system']) {
      assert.ok(policy.includes(`{"kubernetes.io/metadata.name":"${namespace}"}`), namespace)
    }
  })

  test('network-policies: names are resolved by pods of kube-system, NodeLocal DNSCache and Cloud DNS', async () => {
    const policy = named<V1NetworkPolicy>(await built('tests/hardened'), 'NetworkPolicy', 'dns')
    const [{ to = [], ports = [] } = {}] = policy.spec?.egress ?? []
    assert.deepEqual(
      to.map(({ ipBlock, namespaceSelector }) => ipBlock?.cidr ?? namespaceSelector?.matchLabels),
      [{ 'kubernetes.io/metadata.name': 'kube-system' }, '169.254.20.10/32', '169.254.169.254/32'],
    )
    assert.deepEqual(
      ports.map(({ port, protocol }) => `${port}/${protocol}`),
      ['53/UDP', '53/TCP'],
    )
  })

  test('public-console: a load balancer for the console, which has none otherwise', async () => {
    const typeOf = async (folder: string) =>
      named<V1Service>(await built(folder), 'Service', 'loadtester-master').spec?.type ?? 'ClusterIP'
    assert.equal(await typeOf('tests/public-console'), 'LoadBalancer')
    assert.equal(await typeOf('overlays/gke'), 'ClusterIP')
  })

  test('no public Service exposes a metrics port', async () => {
    const services = (await built('tests/public-console')).filter(isKind<V1Service>('Service'))
    const open = services.filter(({ spec }) => spec?.type === 'LoadBalancer')
    assert.deepEqual(open.map(nameOf).sort(), ['Service/flask-app-tutorial', 'Service/loadtester-master'])
    for (const { spec } of open)
      for (const { targetPort } of spec?.ports ?? []) assert.doesNotMatch(String(targetPort), /metrics|^9\d{3}$/)
  })

  test('cloud-emulator: receives all metrics and traces', async () => {
    const manifests = await built('tests/emulator')
    named(manifests, 'Service', 'cloud-emulator')
    const sidecar = JSON.stringify(manifests.filter(({ kind }) => kind === 'ConfigMap'))
    assert.match(sidecar, /cloud-emulator[.\w-]*:8086\/?\?auth=false/)
    const emulator = podOf(manifests, 'cloud-emulator')
    assert.ok(emulator.containers[0]?.args?.includes('--dashboards=/dashboards'))
    const env = podOf(manifests, 'flask-app-tutorial').containers[0]?.env ?? []
    assert.match(env.find(({ name }) => name === 'OTEL_EXPORTER_OTLP_ENDPOINT')?.value ?? '', /cloud-emulator/)
  })
})
