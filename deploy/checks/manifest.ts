import { parseAllDocuments } from 'yaml'
import type { V1Container, V1DaemonSet, V1Deployment, V1Job, V1PodSpec, V1StatefulSet } from './kubernetes-types.ts'

/** A Kubernetes object in a manifest. */
export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
  }
}

/** An object that creates pods. */
export type Workload = Manifest & (V1Deployment | V1DaemonSet | V1StatefulSet | V1Job)

/** A problem with one object. */
export interface Problem {
  /** `Kind/name`. */
  readonly object: string
  /** What is wrong and, where that helps, what is allowed. */
  readonly message: string
}

/**
 * Parses a stream of YAML documents as manifests.
 *
 * @throws Error when a document is not YAML, or lacks `apiVersion`, `kind` or `metadata.name`
 */
export function parseManifests(yaml: string): Manifest[] {
  return parseAllDocuments(yaml).flatMap((document) => {
    if ('errors' in document && document.errors.length > 0) throw document.errors[0]
    const value: unknown = 'toJS' in document ? document.toJS() : document
    if (value === null || value === undefined) return []
    if (!isManifest(value)) throw new Error(`not a manifest: ${JSON.stringify(value).slice(0, 200)}`)
    return [value]
  })
}

/** The name of an object in problems: `Kind/name`. */
export function nameOf(manifest: Manifest): string {
  return `${manifest.kind}/${manifest.metadata.name}`
}

/** A type guard for objects of one kind: `manifests.filter(isKind<V1Service>('Service'))`. */
export function isKind<T>(kind: string): (manifest: Manifest) => manifest is Manifest & T {
  return (manifest): manifest is Manifest & T => manifest.kind === kind
}

/** Whether the object creates pods. */
export function isWorkload(manifest: Manifest): manifest is Workload {
  return ['Deployment', 'DaemonSet', 'StatefulSet', 'Job'].includes(manifest.kind)
}

/** The pod specification of a workload. */
export function podSpecOf(workload: Workload): V1PodSpec {
  const spec = workload.spec?.template.spec
  if (spec === undefined) throw new Error(`${nameOf(workload)} has no pod template`)
  return spec
}

/** The labels of a workload's pods. */
export function podLabelsOf(workload: Workload): Readonly<Record<string, string>> {
  return workload.spec?.template.metadata?.labels ?? {}
}

/** All containers of a pod, init containers first. */
export function containersOf(pod: V1PodSpec): V1Container[] {
  return [...(pod.initContainers ?? []), ...pod.containers]
}

/** The containers that run as long as the pod: native sidecars and the main containers. */
export function lastingContainersOf(pod: V1PodSpec): V1Container[] {
  return [...(pod.initContainers ?? []).filter((container) => container.restartPolicy === 'Always'), ...pod.containers]
}

function isManifest(value: unknown): value is Manifest {
  if (typeof value !== 'object' || value === null) return false
  if (!('apiVersion' in value && 'kind' in value && 'metadata' in value)) return false
  const { apiVersion, kind, metadata } = value
  return (
    typeof apiVersion === 'string' &&
    typeof kind === 'string' &&
    typeof metadata === 'object' &&
    metadata !== null &&
    'name' in metadata &&
    typeof metadata.name === 'string'
  )
}
