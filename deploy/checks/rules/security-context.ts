import { containersOf, isWorkload, type Manifest, nameOf, type Problem, podSpecOf } from '../manifest.ts'
import { problem } from './rule.ts'

/** Workloads that are allowed more, and why. */
const EXCEPTIONS: Readonly<Record<string, { readonly reason: string; readonly allows: readonly string[] }>> = {
  'DaemonSet/datadog-agent': {
    reason: "its image writes its configuration at startup, and the container runtime's socket belongs to root",
    allows: ['runAsNonRoot', 'readOnlyRootFilesystem', 'hostPath'],
  },
}

/** Every container is restricted: not root, no privilege escalation, no capabilities, a read-only root, the default seccomp profile. */
export function checkSecurityContexts(manifests: readonly Manifest[]): Problem[] {
  return manifests.filter(isWorkload).flatMap((workload) => {
    const pod = podSpecOf(workload)
    const missing: [rule: string, message: string][] = []
    for (const container of containersOf(pod)) {
      const own = container.securityContext
      const needs = (rule: string, met: boolean, wanted: string) =>
        met || missing.push([rule, `${container.name}: needs ${wanted}`])
      needs('runAsNonRoot', (own?.runAsNonRoot ?? pod.securityContext?.runAsNonRoot) === true, 'runAsNonRoot: true')
      needs('allowPrivilegeEscalation', own?.allowPrivilegeEscalation === false, 'allowPrivilegeEscalation: false')
      needs('privileged', own?.privileged !== true, 'not to be privileged')
      needs('readOnlyRootFilesystem', own?.readOnlyRootFilesystem === true, 'readOnlyRootFilesystem: true')
      needs('capabilities', own?.capabilities?.drop?.includes('ALL') === true, 'capabilities.drop: [ALL]')
      needs('capabilities', (own?.capabilities?.add ?? []).length === 0, 'no added capability')
      const seccomp = own?.seccompProfile?.type ?? pod.securityContext?.seccompProfile?.type
      needs('seccompProfile', seccomp === 'RuntimeDefault', 'seccompProfile.type: RuntimeDefault')
    }
    if (pod.hostNetwork || pod.hostPID || pod.hostIPC) missing.push(['host', 'shares a namespace with the node'])
    for (const { name, hostPath } of pod.volumes ?? []) {
      if (hostPath) missing.push(['hostPath', `volume ${name} is a path of the node`])
    }
    const allowed = EXCEPTIONS[nameOf(workload)]?.allows ?? []
    return missing.filter(([rule]) => !allowed.includes(rule)).map(([, message]) => problem(workload, message))
  })
}
