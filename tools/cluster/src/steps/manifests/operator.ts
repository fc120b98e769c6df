import { join } from 'node:path'
import { EXPECTED_TYPES } from '@node-to-cloud/pipeline/expected-types'
import { parseAllDocuments, stringify } from 'yaml'
import { imagesOfKustomization } from '../../images.ts'
import { type Installation, ONE_WORKER } from '../../installation.ts'
import { DEPLOY_DIR } from '../../repository.ts'
import { expect, type Step } from '../../step.ts'
import { askEmulator } from '../../stored.ts'
import { READY_MS, until } from '../../wait.ts'

interface Container {
  readonly name: string
  readonly image: string
  readonly args: readonly string[]
}

interface PrometheusResource {
  readonly kind: string
  readonly spec: { readonly containers: readonly Container[] }
}

/** Flags that a user sets, for the emulator of an installation. */
function flagsFor(installation: Installation): Readonly<Record<string, string>> {
  return {
    '--stackdriver.project-id': 'demo-project',
    '--stackdriver.api-address': 'http://cloud-emulator:8086/?auth=false',
    '--include': `{namespace='${installation.namespace}'}`,
  }
}

/** The manifests of `existing-prometheus/operator`, set up as their README says. */
async function operatorManifests(installation: Installation): Promise<string> {
  const folder = join(DEPLOY_DIR, 'existing-prometheus', 'operator')
  const { stdout } = await installation.kubectl.run(['kustomize', folder])
  const [image] = imagesOfKustomization(installation.images).filter(({ name }) => name === 'prometheus-sidecar')
  const flags = flagsFor(installation)
  const documents = parseAllDocuments(stdout).map((document): PrometheusResource => document.toJS())
  const objects = documents.map((object) => {
    if (object.kind !== 'Prometheus') return object
    const containers = object.spec.containers.map((container) => ({
      ...container,
      image: image === undefined ? container.image : `${image.newName}:${image.newTag}`,
      args: [
        ...container.args.filter((arg) => !Object.keys(flags).some((name) => arg.startsWith(`${name}=`))),
        ...Object.entries(flags).map(([name, value]) => `${name}=${value}`),
      ],
    }))
    return { ...object, spec: { ...object.spec, containers } }
  })
  return objects.map((object) => stringify(object)).join('---\n')
}

const operator: Step = {
  name: 'beside the Prometheus of an operator, the sidecar writes the same 19 metric types',
  short: false,
  isIndependent: true,
  async run({ another }) {
    const installation = another()
    const { kubectl } = installation
    const { stdout } = await kubectl.run(['get', 'crds', '--output=name'])
    if (!stdout.includes('/prometheuses.monitoring.coreos.com')) {
      return 'skipped: the operator is not installed (tools/cluster/operator.sh)'
    }
    await installation.create()
    await installation.apply({ base: 'overlays/local', patches: [ONE_WORKER] })
    await kubectl.run(['delete', 'deployment', 'prometheus-k8s', '--cascade=foreground', '--grace-period=0'])
    await installation.rolledOut(READY_MS)
    await kubectl.run(['apply', '--filename', '-'], { input: await operatorManifests(installation) })
    const wanted = EXPECTED_TYPES.map(({ type }) => type)
    const startedMs = Date.now()
    await until('all 19 types', 300_000, async () => {
      const { metrics } = await askEmulator(installation, '/api/metrics')
      const missing = wanted.filter((type) => !metrics.some((metric) => metric.type === type))
      if (missing.length > 0) throw new Error(`missing: ${missing.join(', ')}`)
      return true
    })
    const seconds = ((Date.now() - startedMs) / 1000).toFixed(0)
    const { resourceLabels } = await askEmulator(installation, '/api/labels')
    const running = new Set((await installation.pods()).map(({ metadata }) => metadata.name))
    const unknownPods = (resourceLabels.pod_name ?? []).filter((name) => !running.has(name))
    expect(unknownPods.length === 0, `pod names that no pod has: ${unknownPods.join(', ')}`)
    return `after ${seconds} s`
  },
}

export const operatorSteps: readonly Step[] = [operator]
