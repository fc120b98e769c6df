import { EXPECTED_TYPES } from '@node-to-cloud/pipeline/expected-types'
import type { Installation } from '../installation.ts'
import { expect, type Step } from '../step.ts'
import { askEmulator, readMetrics, sumOfSamples } from '../stored.ts'
import { READY_MS, until } from '../wait.ts'

interface Event {
  readonly type: string
  readonly reason: string
  readonly message: string
  readonly involvedObject: { readonly kind: string; readonly name: string }
}

/** What the kubelet or the API server has not seen yet. */
const NOT_KNOWN_YET = /failed to sync \w+ cache|no relationship found|bound to a pod scheduled on a different node/

/** Warnings of a start as it should be: startup probes that do not answer yet, and volumes of a pod that is not known everywhere yet. */
function isStarting({ reason, message }: Event): boolean {
  if (reason === 'Unhealthy') return message.startsWith('Startup probe failed')
  return reason === 'FailedMount' && NOT_KNOWN_YET.test(message)
}

async function warningEvents(installation: Installation): Promise<Event[]> {
  const { items } = await installation.kubectl.json<{ items: Event[] }>('get', 'events')
  return items.filter((event) => event.type === 'Warning' && !isStarting(event))
}

const ready: Step = {
  name: 'everything is ready, without a warning',
  short: true,
  async run({ installation }) {
    await installation.create()
    const warnings = await installation.apply({ base: 'overlays/local' })
    expect(warnings.length === 0, `the API server warns: ${warnings.join('; ')}`)
    const startedMs = Date.now()
    await installation.rolledOut(READY_MS)
    const seconds = ((Date.now() - startedMs) / 1000).toFixed(0)
    const events = await warningEvents(installation)
    const texts = events.map(({ involvedObject, reason, message }) => `${involvedObject.name} ${reason}: ${message}`)
    expect(events.length === 0, `${events.length} warning events: ${texts.slice(0, 5).join('; ')}`)
    return `${(await installation.pods()).length} pods in ${seconds} s`
  },
}

const types: Step = {
  name: 'the 19 metric types arrive, with the names of the pods',
  short: true,
  async run({ installation }) {
    const wanted = EXPECTED_TYPES.map(({ type }) => type)
    const stored = await until('all 19 types', 240_000, async () => {
      const { metrics } = await askEmulator(installation, '/api/metrics')
      const known = new Map(metrics.map((metric) => [metric.type, metric]))
      const missing = wanted.filter((type) => !known.has(type))
      if (missing.length > 0) throw new Error(`missing: ${missing.join(', ')}`)
      return known
    })
    for (const { type, metricKind, valueType } of EXPECTED_TYPES) {
      const found = stored.get(type)
      expect(found?.metricKind === metricKind && found.valueType === valueType, `${type} is ${found?.metricKind}`)
    }
    const running = new Set((await installation.pods()).map(({ metadata }) => metadata.name))
    const { resourceLabels } = await askEmulator(installation, '/api/labels')
    const labelled = resourceLabels.pod_name ?? []
    const unknownPods = labelled.filter((name) => !running.has(name))
    expect(unknownPods.length === 0, `pod names that no pod has: ${unknownPods.join(', ')}`)
    expect(
      resourceLabels.namespace_name?.join() === installation.namespace,
      `namespaces ${resourceLabels.namespace_name}`,
    )
    return `${stored.size} types of ${labelled.length} pods`
  },
}

const drops: Step = {
  name: 'no sample is dropped and no point refused',
  short: true,
  async run({ installation }) {
    const metrics = await readMetrics(installation, 'deployment/prometheus-k8s', 9091)
    const dropped = sumOfSamples(metrics, 'prometheus_sidecar_dropped_samples_total')
    const refused = sumOfSamples(metrics, 'prometheus_sidecar_refused_points_total')
    const reasons = metrics.split('\n').filter((line) => /^prometheus_sidecar_(dropped|refused).* [1-9]/.test(line))
    expect(dropped === 0 && refused === 0, `${dropped} dropped, ${refused} refused: ${reasons.join('; ')}`)
    return '0 and 0'
  },
}

const dashboards: Step = {
  name: 'the emulator has the four dashboards',
  short: true,
  async run({ installation }) {
    const { dashboards: count } = await askEmulator(installation, '/api/summary')
    expect(count === 4, `${count} dashboards`)
    return `${count}`
  },
}

const trace: Step = {
  name: 'a trace goes from the load tester through flask-app',
  short: true,
  async run({ installation }) {
    const found = await until('a trace of both services', 120_000, async () => {
      const { traces } = await askEmulator(installation, '/api/traces', { limit: '50' })
      const joined = traces.filter(({ services }) => services.includes('loadtester') && services.includes('flask-app'))
      return joined.length > 0 ? { joined, all: traces.length } : undefined
    })
    const [first] = found.joined
    const path = `/api/traces/${first?.traceId}` as '/api/traces/:traceId'
    const { spans } = await askEmulator(installation, path)
    const names = new Set((await installation.pods()).map(({ metadata }) => metadata.name))
    for (const { service, resource } of spans) {
      expect(resource['k8s.namespace.name'] === installation.namespace, `${service} has no namespace`)
      expect(names.has(String(resource['k8s.pod.name'])), `${service} has the pod ${resource['k8s.pod.name']}`)
      expect(typeof resource['k8s.container.name'] === 'string', `${service} has no container`)
    }
    return `${found.joined.length} of ${found.all} traces; spans name namespace, pod and container`
  },
}

export const startupSteps: readonly Step[] = [ready, types, dashboards, trace, drops]
