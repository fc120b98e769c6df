import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments, stringify } from 'yaml'
import type { Installation } from '../../installation.ts'
import { withPortForward } from '../../port-forward.ts'
import { DEPLOY_DIR } from '../../repository.ts'
import { expect } from '../../step.ts'
import { READY_MS, until } from '../../wait.ts'
import { ClusterWide } from './cluster-wide.ts'

interface PodMonitoring {
  readonly metadata: { readonly name: string }
  readonly spec: {
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> }
    readonly endpoints: readonly { readonly port: string; readonly interval: string; readonly path?: string }[]
  }
}

const COLLECTOR = 'collector'
const CRD = 'podmonitorings.monitoring.googleapis.com'

/** A schema without what definitions of custom resources do not have. */
function structural(schema: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const entries = Object.entries(schema).filter(([key, value]) => !(key === 'additionalProperties' && value === false))
  return Object.fromEntries(
    entries.map(([key, value]) => [
      key,
      typeof value === 'object' && value !== null && !Array.isArray(value) ? structural({ ...value }) : value,
    ]),
  )
}

/** Google's custom resource, with the fields in use, as the checks of `deploy` know it. */
function definition(): object {
  const text = readFileSync(join(DEPLOY_DIR, 'checks/schema/pod-monitoring.schema.json'), 'utf8')
  const schema: { properties: { spec: Readonly<Record<string, unknown>> } } = JSON.parse(text)
  const openAPIV3Schema = { type: 'object', properties: { spec: structural(schema.properties.spec) } }
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: CRD },
    spec: {
      group: 'monitoring.googleapis.com',
      scope: 'Namespaced',
      names: { kind: 'PodMonitoring', plural: 'podmonitorings', singular: 'podmonitoring' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema } }],
    },
  }
}

/** A label as Prometheus' discovery names it. */
const discovered = (label: string): string => `__meta_kubernetes_pod_label_${label.replace(/[^\w]/g, '_')}`

/** What Google's operator makes of a PodMonitoring for its collectors. */
function scrapeConfigs({ metadata, spec }: PodMonitoring): object[] {
  const byLabels = Object.entries(spec.selector.matchLabels).map(([label, value]) => ({
    source_labels: [discovered(label)],
    regex: value,
    action: 'keep',
  }))
  return spec.endpoints.map(({ port, interval, path = '/metrics' }) => ({
    job_name: `${metadata.name}/${port}`,
    scrape_interval: interval,
    metrics_path: path,
    kubernetes_sd_configs: [{ role: 'pod', namespaces: { own_namespace: true } }],
    relabel_configs: [
      ...byLabels,
      { source_labels: ['__meta_kubernetes_pod_container_port_name'], regex: port, action: 'keep' },
      { source_labels: ['__meta_kubernetes_pod_name'], target_label: 'pod' },
    ],
  }))
}

/** A Prometheus of the same image and account as the base's, in place of Google's collectors. */
async function startCollector(installation: Installation): Promise<void> {
  const { kubectl } = installation
  const { items } = await kubectl.json<{ items: PodMonitoring[] }>('get', 'podmonitorings')
  const base = join(DEPLOY_DIR, 'base/monitoring')
  await kubectl.run(['apply', '--filename', join(base, 'rbac.yaml')])
  const [deployment] = parseAllDocuments(readFileSync(join(base, 'deployment.yaml'), 'utf8'))
  const renamed = stringify(deployment?.toJS()).replaceAll(/\bprometheus-k8s$/gm, COLLECTOR)
  const accounts = renamed.replace(`serviceAccountName: ${COLLECTOR}`, 'serviceAccountName: prometheus-k8s')
  const configuration = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: COLLECTOR },
    data: { 'prometheus.yml': stringify({ scrape_configs: items.flatMap(scrapeConfigs) }) },
  }
  await kubectl.run(['apply', '--filename', '-'], { input: `${stringify(configuration)}---\n${accounts}` })
  await installation.rolledOut(READY_MS)
}

interface Targets {
  readonly data: {
    readonly activeTargets: readonly {
      readonly scrapePool: string
      readonly health: string
      readonly labels: Readonly<Record<string, string>>
    }[]
  }
}

/** Defines the custom resource where it is not. Returns whether it did. */
async function define({ kubectl }: Installation): Promise<boolean> {
  const { stdout } = await kubectl.run(['get', 'crd', CRD, '--ignore-not-found', '--output=name'])
  if (stdout.trim() !== '') return false
  await kubectl.run(['apply', '--filename', '-'], { input: JSON.stringify(definition()) })
  await kubectl.run(['wait', '--for=condition=Established', `crd/${CRD}`, '--timeout=30s'])
  return true
}

/** Managed collection, with Prometheus in place of Google's operator and collectors. */
export const managedCollection = {
  definition: new ClusterWide({
    make: define,
    remove: ({ kubectl }) => kubectl.run(['delete', 'crd', CRD, '--ignore-not-found']),
  }),

  /** Waits until the pods of every PodMonitoring are scraped. */
  async recorded(installation: Installation): Promise<string> {
    await startCollector(installation)
    const { items } = await installation.kubectl.json<{ items: PodMonitoring[] }>('get', 'podmonitorings')
    const pods = (await installation.pods()).filter(
      ({ metadata }) => metadata.labels['app.kubernetes.io/name'] !== COLLECTOR,
    )
    return withPortForward(installation.kubectl, `deployment/${COLLECTOR}`, 9090, (url) =>
      until('every pod is scraped', 120_000, async () => {
        const response = await fetch(`${url}/api/v1/targets?state=active`, { signal: AbortSignal.timeout(10_000) })
        const { data }: Targets = JSON.parse(await response.text())
        const up = data.activeTargets.filter(({ health }) => health === 'up')
        const scraped = new Set(up.map(({ labels }) => labels.pod))
        const missing = pods.filter(({ metadata }) => !scraped.has(metadata.name))
        expect(missing.length === 0, `not scraped: ${missing.map(({ metadata }) => metadata.name).join(', ')}`)
        return `${up.length} pods scraped according to ${items.length} PodMonitorings`
      }),
    )
  },
}
