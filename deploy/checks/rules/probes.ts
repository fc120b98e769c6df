import type { V1Container } from '../kubernetes-types.ts'
import { isWorkload, lastingContainersOf, type Manifest, type Problem, podSpecOf } from '../manifest.ts'
import { problem } from './rule.ts'

const PROBES = ['startupProbe', 'readinessProbe', 'livenessProbe'] as const

/** Every long-running container has three HTTP probes of one of its named ports, and its preStop ends within the grace period. */
export function checkProbes(manifests: readonly Manifest[]): Problem[] {
  return manifests.filter(isWorkload).flatMap((workload) => {
    const pod = podSpecOf(workload)
    const grace = pod.terminationGracePeriodSeconds
    const messages = lastingContainersOf(pod).flatMap((container) => [
      ...PROBES.flatMap((name) => missingProbe(container, name)),
      ...(grace !== undefined && (container.lifecycle?.preStop?.sleep?.seconds ?? 0) >= grace
        ? [`${container.name}: preStop sleeps for the whole grace period of ${grace} s`]
        : []),
      ...(container.lifecycle?.preStop?.exec
        ? [`${container.name}: preStop.exec needs a program that the image does not have`]
        : []),
    ])
    if (grace === undefined) messages.push('terminationGracePeriodSeconds is not set')
    return messages.map((message) => problem(workload, message))
  })
}

function missingProbe(container: V1Container, name: (typeof PROBES)[number]): string[] {
  const probe = container[name]
  if (probe === undefined) return [`${container.name}: no ${name}`]
  if (probe.httpGet === undefined) return [`${container.name}: ${name} must be an httpGet`]
  const port: unknown = probe.httpGet.port
  if (!(container.ports ?? []).some((candidate) => candidate.name === port)) {
    return [`${container.name}: ${name} probes the port ${String(port)}, which it does not have`]
  }
  return []
}
