import { posix } from 'node:path'
import type { JobFiles } from './job-files.ts'

/** A load test as objects of Kubernetes. */
export interface JobSettings {
  /** Name of all objects. */
  readonly name: string
  readonly image: string
  readonly workers: number
  readonly files: JobFiles
  /** Options of `loadtester run`, without those for files on this machine. */
  readonly runOptions: readonly string[]
  /** The script's target, and the other origins that its requests name. */
  readonly targets: readonly string[]
  /** The token that workers send to their master. */
  readonly token: string
  /** Environment variables for the script, which are kept in a Secret. */
  readonly variables: Readonly<Record<string, string>>
  /** CPU and memory of each worker, as Kubernetes writes them. */
  readonly cpu: string
  readonly memory: string
  /** After this time Kubernetes ends the test. */
  readonly deadlineSeconds: number
}

/** An object of Kubernetes. */
export interface JobObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly labels: Readonly<Record<string, string>>
    readonly ownerReferences?: readonly object[]
  }
  readonly [field: string]: unknown
}

const PORT = 8089
const MOUNT = '/scripts'
/** What is left of a test whose client has gone is deleted after this time. */
const KEPT_SECONDS = 3600

/** The name of the container that runs the test, and prints its results. */
export const MASTER_CONTAINER = 'loadtester-run'
const WORKER_CONTAINER = 'loadtester-worker'
/** Not that of the Deployment's workers, whose disruption budget can't count a Job's pods. */
const WORKER_NAME = 'loadtester-run-worker'

/** Labels that select the pod that runs the test. */
export function masterLabels(name: string): Readonly<Record<string, string>> {
  return { 'app.kubernetes.io/name': MASTER_CONTAINER, 'app.kubernetes.io/instance': name }
}

/**
 * The Job that runs the test: it owns the other objects, so they are deleted with it. It is created suspended, and begins
 * once they are there.
 */
export function masterJob(settings: JobSettings): JobObject {
  const { name, workers, files, runOptions } = settings
  const script = posix.join(MOUNT, files.script)
  const args = ['run', script, '--expect-workers', String(workers), '--bundle', ...runOptions]
  const container = containerOf(settings, {
    name: MASTER_CONTAINER,
    args,
    environment: { HOST: '0.0.0.0', PORT: String(PORT) },
    ports: [{ name: 'http', containerPort: PORT }],
    resources: { requests: { cpu: '100m', memory: '256Mi' }, limits: { cpu: '1', memory: '512Mi' } },
  })
  const labels = masterLabels(name)
  return jobOf(settings, labels, container, { suspend: true, backoffLimit: 0, completions: 1, parallelism: 1 })
}

/** Everything that the Job needs: its files, its secrets, its address, and its workers. */
export function otherObjects(settings: JobSettings, ownerReferences?: readonly object[]): JobObject[] {
  const { name, files, token, variables } = settings
  const labels = { 'app.kubernetes.io/instance': name, 'app.kubernetes.io/part-of': 'node-to-cloud' }
  const metadata = { name, labels, ...(ownerReferences !== undefined && { ownerReferences }) }
  const stringData = { ...variables, LOAD_TOKEN: token }
  const worker = workerJob(settings)
  return [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: files.data },
    { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', stringData },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { selector: masterLabels(name), ports: [{ name: 'http', port: PORT, targetPort: 'http' }] },
    },
    { ...worker, metadata: { ...worker.metadata, ...(ownerReferences !== undefined && { ownerReferences }) } },
  ]
}

function workerJob(settings: JobSettings): JobObject {
  const { name, workers, files, targets, cpu, memory } = settings
  const [target = '', ...others] = targets
  const container = containerOf(settings, {
    name: WORKER_CONTAINER,
    args: ['worker', '--master', `http://${name}:${PORT}`, '--end-with-master'],
    environment: {
      HOST: '0.0.0.0',
      METRICS_PORT: '9090',
      LOAD_SCRIPTS_DIR: posix.dirname(posix.join(MOUNT, files.script)),
      LOAD_STATE_DIR: '/tmp',
      TARGET_HOST: target,
      ...(others.length > 0 && { LOAD_ALLOWED_TARGETS: others.join(',') }),
    },
    ports: [{ name: 'worker-metrics', containerPort: 9090 }],
    resources: { requests: { cpu, memory }, limits: { cpu, memory } },
  })
  const labels = { 'app.kubernetes.io/name': WORKER_NAME, 'app.kubernetes.io/instance': name }
  const job = jobOf(settings, labels, container, { backoffLimit: workers, completions: workers, parallelism: workers })
  return { ...job, metadata: { ...job.metadata, name: `${name}-workers` } }
}

interface ContainerParts {
  readonly name: string
  readonly args: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly ports: readonly object[]
  readonly resources: object
}

function containerOf(settings: JobSettings, { environment, ...parts }: ContainerParts): object {
  const all = { ...environment, OTEL_SERVICE_NAME: 'loadtester', OTEL_TRACES_EXPORTER: 'none' }
  return {
    ...parts,
    image: settings.image,
    imagePullPolicy: 'IfNotPresent',
    env: Object.entries(all).map(([name, value]) => ({ name, value })),
    envFrom: [{ secretRef: { name: settings.name } }],
    volumeMounts: [
      { name: 'scripts', mountPath: MOUNT, readOnly: true },
      { name: 'tmp', mountPath: '/tmp' },
    ],
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
  }
}

function jobOf(
  settings: JobSettings,
  own: Readonly<Record<string, string>>,
  container: object,
  spec: Readonly<Record<string, unknown>>,
): JobObject {
  const { name, files, deadlineSeconds } = settings
  const labels = { ...own, 'app.kubernetes.io/part-of': 'node-to-cloud' }
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, labels },
    spec: {
      ...spec,
      activeDeadlineSeconds: deadlineSeconds,
      ttlSecondsAfterFinished: KEPT_SECONDS,
      template: {
        metadata: { labels },
        spec: {
          restartPolicy: 'Never',
          automountServiceAccountToken: false,
          terminationGracePeriodSeconds: 30,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 65532,
            runAsGroup: 65532,
            fsGroup: 65532,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          containers: [container],
          volumes: [
            { name: 'scripts', configMap: { name, items: files.items } },
            { name: 'tmp', emptyDir: { sizeLimit: '64Mi' } },
          ],
        },
      },
    },
  }
}
