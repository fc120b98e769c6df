import { EXPECTED_TYPES } from '@node-to-cloud/pipeline/expected-types'
import { type Composition, environmentPatch, type Installation, ONE_WORKER } from '../../installation.ts'
import { recorderCommand } from '../../recorders/recorder.ts'
import { expect, type Step, type StepContext } from '../../step.ts'
import { askEmulator, readMetrics, sumOfSamples } from '../../stored.ts'
import { READY_MS, until } from '../../wait.ts'
import { reachedFromOutside } from '../reached-from-outside.ts'
import { gkeNodes } from './gke-nodes.ts'
import { managedCollection } from './managed-collection.ts'

/** A composition whose destination is replaced by something that records what it gets. */
export interface Destination {
  readonly name: string
  readonly composition: Composition
  /** What there must be before it is applied. */
  readonly prepare?: (installation: Installation) => Promise<unknown>
  /** Pod security in the namespace, where the restricted standard is too strict. */
  readonly standard?: 'privileged'
  /** Waits for what was recorded, and returns the figures. */
  readonly recorded: (installation: Installation) => Promise<string>
}

const GKE_PROJECTS = ['flask-app', 'custom-metrics-example', 'loadtester'].map((name) => `overlays/gke/${name}`)

/** Waits until all 19 types are stored under the names that `nameOf` gives them. */
async function typesStored(installation: Installation, nameOf = (type: string): string => type): Promise<string> {
  const wanted = EXPECTED_TYPES.map(({ type }) => nameOf(type))
  const metrics = await until('all 19 types', 240_000, async () => {
    const stored = (await askEmulator(installation, '/api/metrics')).metrics
    const missing = wanted.filter((type) => !stored.some((metric) => metric.type.startsWith(type)))
    if (missing.length > 0) throw new Error(`missing: ${missing.join(', ')}`)
    return stored
  })
  return `${wanted.length} of ${wanted.length} types among ${metrics.length}`
}

const withoutPrefix = (type: string): string => type.replace('external.googleapis.com/prometheus/', '')

async function schemeOfGmp(installation: Installation): Promise<string> {
  const types = await typesStored(installation, (type) => `prometheus.googleapis.com/${withoutPrefix(type)}`)
  const { resourceTypes } = await askEmulator(installation, '/api/labels')
  expect(resourceTypes.join() === 'prometheus_target', `resources ${resourceTypes.join(', ')}`)
  return `${types}, on prometheus_target`
}

async function signalsByOtlp(installation: Installation): Promise<string> {
  return until('metrics, spans and log entries', 240_000, async () => {
    const { metricTypes, spans, logEntries } = await askEmulator(installation, '/api/summary')
    if (metricTypes < EXPECTED_TYPES.length || spans === 0 || logEntries === 0) {
      throw new Error(`${metricTypes} types, ${spans} spans, ${logEntries} log entries`)
    }
    return `${metricTypes} types, ${spans} spans and ${logEntries} log entries by OTLP, without Prometheus`
  })
}

async function readByAgent(installation: Installation): Promise<string> {
  const wanted = (await installation.pods()).filter(({ metadata }) =>
    /^(flask-app|custom-metrics|loadtester)/.test(metadata.labels['app.kubernetes.io/name'] ?? ''),
  )
  const samples = await until('the agent has read every pod', 120_000, async () => {
    const { stdout } = await installation.kubectl.run(['logs', 'daemonset/datadog-agent', '--tail=1'])
    const line: { samples?: Record<string, number>; error?: string } = JSON.parse(stdout)
    if (line.error !== undefined) throw new Error(line.error)
    const missing = wanted.filter(({ metadata }) => !((line.samples?.[metadata.name] ?? 0) > 0))
    if (missing.length > 0) throw new Error(`nothing of ${missing.map(({ metadata }) => metadata.name).join(', ')}`)
    return line.samples
  })
  const sum = Object.values(samples ?? {}).reduce((total, count) => total + count, 0)
  return `${sum} samples of ${wanted.length} pods, found by the kubelet; ${await typesStored(installation)} by the sidecar`
}

async function walBytesRead(installation: Installation): Promise<string> {
  const bytes = await until('the WAL is read', 120_000, async () => {
    const found = sumOfSamples(await readMetrics(installation, 'deployment/prometheus-k8s', 9091), 'recorded_wal_bytes')
    return found > 10_000 ? found : undefined
  })
  return `${bytes} bytes of the WAL read by the sidecar’s user`
}

async function consoleOpen(installation: Installation): Promise<string> {
  const urls = ['http://loadtester-master:8089/login', 'http://loadtester-master:9090/metrics']
  const answered = await reachedFromOutside(installation, urls)
  expect(answered.join() === urls[0], `a stranger reaches ${answered.join(', ')}`)
  const { spec } = await installation.kubectl.json<{ spec: { type: string } }>('get', 'service', 'loadtester-master')
  expect(spec.type === 'LoadBalancer', `the Service is a ${spec.type}`)
  return `a stranger reaches only the console, behind a ${spec.type}; ${await typesStored(installation)}`
}

async function unchartedSeriesStored(installation: Installation): Promise<string> {
  const types = await typesStored(installation)
  const { metrics } = await askEmulator(installation, '/api/metrics')
  const uncharted = metrics.filter(({ type }) => type.includes('/nodejs_heap_space_')).length
  expect(uncharted > 0, 'no nodejs_heap_space_*, which charted-series leaves out')
  return `${types}; ${uncharted} nodejs_heap_space_*, since charted-series is not in it`
}

/** Google's sidecar and Datadog's agent are replaced whole, by programs that do what the manifests prepare for them. */
const RECORDING_SIDECAR = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'prometheus-k8s' },
  spec: {
    template: {
      spec: {
        containers: [
          {
            name: 'sidecar',
            image: 'cloud-emulator',
            command: recorderCommand('stackdriver-sidecar.mts').concat('--'),
          },
        ],
      },
    },
  },
}

function recordingAgent(namespace: string): object {
  const container = {
    name: 'agent',
    image: 'cloud-emulator',
    command: recorderCommand('datadog-agent.mts'),
    env: [{ name: 'RECORDED_NAMESPACE', value: namespace }],
  }
  // The runtime's socket is elsewhere on each kind of node.
  const volume = { name: 'container-runtime', hostPath: null, emptyDir: {} }
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'datadog-agent' },
    spec: { template: { spec: { containers: [container], volumes: [volume] } } },
  }
}

const DESTINATIONS: readonly Destination[] = [
  {
    name: 'overlays/gke (workload-identity, persistent, charted-series) → the emulator in place of Google’s APIs',
    composition: { base: 'overlays/gke', components: ['cloud-emulator'], patches: [ONE_WORKER] },
    recorded: typesStored,
  },
  {
    name: 'prometheus-sidecar without charted-series → the emulator',
    composition: { base: 'tests/emulator', patches: [ONE_WORKER] },
    recorded: unchartedSeriesStored,
  },
  {
    name: 'gmp-format → the emulator',
    composition: { base: 'tests/gmp-format', components: ['cloud-emulator'], patches: [ONE_WORKER] },
    recorded: schemeOfGmp,
  },
  {
    name: 'gmp (overlays/gke/monitoring-gmp) → a Prometheus in place of Google’s collectors',
    composition: { base: 'overlays/gke/monitoring-gmp', others: GKE_PROJECTS, patches: [ONE_WORKER] },
    recorded: managedCollection.recorded,
  },
  {
    name: 'otlp → the emulator in place of the Telemetry API',
    composition: {
      base: 'tests/otlp',
      others: ['dashboards', 'alerts'],
      files: ['components/cloud-emulator/emulator.yaml'],
      patches: [
        ONE_WORKER,
        ...['flask-app-tutorial', 'custom-metrics-example', 'loadtester-master', 'loadtester-worker'].map((name) =>
          environmentPatch(name, {
            OTEL_EXPORTER_OTLP_ENDPOINT: 'http://cloud-emulator:8085',
            GOOGLE_CLOUD_PROJECT: 'demo-project',
          }),
        ),
      ],
    },
    recorded: signalsByOtlp,
  },
  {
    name: 'stackdriver-sidecar (overlays/gke/monitoring-stackdriver-sidecar) → a reader in place of Google’s sidecar',
    composition: {
      base: 'overlays/gke/monitoring-stackdriver-sidecar',
      others: GKE_PROJECTS,
      patches: [ONE_WORKER, RECORDING_SIDECAR],
    },
    recorded: walBytesRead,
  },
  {
    name: 'public-console, with network-policies → a stranger',
    composition: {
      base: 'tests/public-console',
      components: ['cloud-emulator'],
      patches: [ONE_WORKER],
    },
    recorded: consoleOpen,
  },
]

function datadog(namespace: string): Destination {
  return {
    name: 'datadog (overlays/gke/monitoring-datadog), with network-policies → a reader in place of Datadog’s agent',
    composition: {
      base: 'overlays/gke/monitoring-datadog',
      others: GKE_PROJECTS,
      components: ['cloud-emulator', 'network-policies', 'network-policies/datadog'],
      patches: [ONE_WORKER, recordingAgent(namespace)],
    },
    standard: 'privileged',
    prepare: ({ kubectl }) =>
      kubectl.run(['create', 'secret', 'generic', 'datadog-agent', '--from-literal', 'api-key=not-a-key']),
    recorded: readByAgent,
  }
}

/** The compositions that are applied here; the name of the namespace does not matter. */
export const DESTINATION_COMPOSITIONS: readonly Composition[] = [...DESTINATIONS, datadog('any')].map(
  ({ composition }) => composition,
)

async function show({ another }: StepContext, of: (namespace: string) => Destination): Promise<string> {
  const installation = another()
  const { composition, prepare, standard, recorded } = of(installation.namespace)
  const applied = async (): Promise<string> => {
    try {
      await installation.create(standard)
      await prepare?.(installation)
      await installation.apply(composition)
      await installation.rolledOut(READY_MS)
      return await recorded(installation)
    } finally {
      // Some of its objects belong to no namespace.
      await installation.deleteObjects(composition, '--wait=false', '--ignore-not-found')
    }
  }
  return gkeNodes.during(installation, () => managedCollection.definition.during(installation, applied))
}

function stepOf(of: (namespace: string) => Destination): Step {
  return { name: of('any').name, short: false, isIndependent: true, run: (context) => show(context, of) }
}

export const destinationSteps: readonly Step[] = [
  ...DESTINATIONS.map((destination) => stepOf(() => destination)),
  stepOf(datadog),
]
