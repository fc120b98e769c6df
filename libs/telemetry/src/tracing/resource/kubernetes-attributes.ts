import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'

const NAMESPACE_FILE = '/var/run/secrets/kubernetes.io/serviceaccount/namespace'

/**
 * What a process finds out about its pod, by OpenTelemetry's conventions; nothing outside of Kubernetes. The host name is the pod's name; the namespace
 * stands beside the token of the service account, where a pod has one. The downward API may give more by OTEL_RESOURCE_ATTRIBUTES.
 */
export function kubernetesAttributes(
  env: Readonly<Record<string, string | undefined>> = process.env,
  namespaceFile: string = NAMESPACE_FILE,
): Record<string, string> {
  if (env.KUBERNETES_SERVICE_HOST === undefined) return {}
  const namespace = read(namespaceFile)
  return { 'k8s.pod.name': hostname(), ...(namespace === undefined ? {} : { 'k8s.namespace.name': namespace }) }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim() || undefined
  } catch {
    return undefined
  }
}
