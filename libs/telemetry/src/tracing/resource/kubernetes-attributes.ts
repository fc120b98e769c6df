import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'

const NAMESPACE_FILE = '/var/run/secrets/kubernetes.io/serviceaccount/namespace'

/**
 * The resource attributes of the pod of this process; none outside Kubernetes. The host name is the name of the pod;
 * the namespace is found next to the service account's token, if there is one. More can be set with the downward API
 * and OTEL_RESOURCE_ATTRIBUTES.
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
