import type { V1Service } from '../kubernetes-types.ts'
import { containersOf, isKind, isWorkload, type Manifest, type Problem, podLabelsOf, podSpecOf } from '../manifest.ts'
import { problem, selects } from './rule.ts'

const PORT_NAME = /^(?=.{1,15}$)(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*$/

/** Container ports are named, references to them use a name that exists, and no Service exposes a metrics port. */
export function checkPorts(manifests: readonly Manifest[]): Problem[] {
  const workloads = manifests.filter(isWorkload)
  const portNamesOf = (selector: Readonly<Record<string, string>> | undefined) =>
    workloads
      .filter((workload) => selects(selector, podLabelsOf(workload)))
      .flatMap((workload) => containersOf(podSpecOf(workload)))
      .flatMap(({ ports = [] }) => ports)
  return [
    ...workloads.flatMap((workload) => {
      const ports = containersOf(podSpecOf(workload)).flatMap((container) =>
        (container.ports ?? []).map((port) => ({ ...port, container: container.name })),
      )
      const messages = ports.flatMap(({ name, containerPort, container }) => {
        if (name === undefined) return [`port ${containerPort} of ${container} has no name`]
        if (!PORT_NAME.test(name)) return [`port name ${name} of ${container}: at most 15 of a-z, 0-9 and -`]
        return []
      })
      const names = ports.map(({ name }) => name)
      const twice = names.filter((name, index) => name !== undefined && names.indexOf(name) !== index)
      return [...messages, ...twice.map((name) => `port name ${name} is used twice`)].map((m) => problem(workload, m))
    }),
    ...manifests.filter(isKind<V1Service>('Service')).flatMap((service) =>
      (service.spec?.ports ?? []).flatMap(({ name, port, targetPort }) => {
        if (name === undefined) return [problem(service, `port ${port} has no name`)]
        if (typeof targetPort !== 'string')
          return [problem(service, `port ${name}: targetPort must be the name of a port`)]
        const target = portNamesOf(service.spec?.selector).find((candidate) => candidate.name === targetPort)
        if (target === undefined) return [problem(service, `port ${name}: no container has a port named ${targetPort}`)]
        if (targetPort.endsWith('-metrics'))
          return [problem(service, `port ${name}: a Service must not expose a metrics port`)]
        return []
      }),
    ),
    ...manifests
      .filter(isKind<{ spec: PodMonitoringSpec }>('PodMonitoring'))
      .filter(() => workloads.length > 0)
      .flatMap((monitoring) =>
        monitoring.spec.endpoints
          .filter(({ port }) => !portNamesOf(monitoring.spec.selector.matchLabels).some(({ name }) => name === port))
          .map(({ port }) => problem(monitoring, `no container has a port named ${port}`)),
      ),
  ]
}

interface PodMonitoringSpec {
  selector: { matchLabels: Record<string, string> }
  endpoints: { port: string }[]
}
