import type {
  V1DaemonSet,
  V1Deployment,
  V1PodDisruptionBudget,
  V1Service,
  V2HorizontalPodAutoscaler,
} from '../kubernetes-types.ts'
import { isKind, isWorkload, type Manifest, type Problem, podLabelsOf, podSpecOf } from '../manifest.ts'
import { problem, selects } from './rule.ts'

/**
 * Every selector matches the pods it is meant for: a workload's its own, any other at least one workload's. PodMonitorings applied
 * without a workload are for pods that already exist.
 */
export function checkSelectors(manifests: readonly Manifest[]): Problem[] {
  const workloads = manifests.filter(isWorkload)
  const matchesNone = (selector: Readonly<Record<string, string>> | undefined) =>
    !workloads.some((workload) => selects(selector, podLabelsOf(workload)))
  const show = (selector: Readonly<Record<string, string>> | undefined) => JSON.stringify(selector ?? {})
  return [
    ...manifests.filter(isKind<V1Deployment | V1DaemonSet>('Deployment')).flatMap(checkOwn),
    ...manifests.filter(isKind<V1Deployment | V1DaemonSet>('DaemonSet')).flatMap(checkOwn),
    ...manifests
      .filter(isKind<V1Service>('Service'))
      .filter(({ spec }) => matchesNone(spec?.selector))
      .map((service) => problem(service, `selector ${show(service.spec?.selector)} matches no pod`)),
    ...manifests
      .filter(isKind<V1PodDisruptionBudget>('PodDisruptionBudget'))
      .filter(({ spec }) => matchesNone(spec?.selector?.matchLabels))
      .map((budget) => problem(budget, `selector ${show(budget.spec?.selector?.matchLabels)} matches no pod`)),
    ...manifests
      .filter(isKind<{ spec: { selector: { matchLabels: Record<string, string> } } }>('PodMonitoring'))
      .filter(({ spec }) => workloads.length > 0 && matchesNone(spec.selector.matchLabels))
      .map((monitoring) =>
        problem(monitoring, `selector ${show(monitoring.spec.selector.matchLabels)} matches no pod`),
      ),
    ...manifests
      .filter(isKind<V2HorizontalPodAutoscaler>('HorizontalPodAutoscaler'))
      .flatMap((autoscaler) => checkAutoscaler(autoscaler, manifests)),
  ]
}

function checkOwn(workload: Manifest & (V1Deployment | V1DaemonSet)): Problem[] {
  const labels = podLabelsOf(workload)
  const problems: Problem[] = []
  if (!selects(workload.spec?.selector.matchLabels, labels)) {
    problems.push(problem(workload, `its selector does not match its own pods, labelled ${JSON.stringify(labels)}`))
  }
  const spread = podSpecOf(workload).topologySpreadConstraints ?? []
  if (spread.some(({ labelSelector }) => !selects(labelSelector?.matchLabels, labels))) {
    problems.push(problem(workload, 'a topology spread constraint does not match its own pods'))
  }
  const replicas = 'replicas' in (workload.spec ?? {}) ? workload.spec : undefined
  if (replicas && 'replicas' in replicas && (replicas.replicas ?? 1) > 1 && spread.length === 0) {
    problems.push(problem(workload, 'has more than one pod and no topology spread constraint'))
  }
  return problems
}

function checkAutoscaler(autoscaler: Manifest & V2HorizontalPodAutoscaler, manifests: readonly Manifest[]): Problem[] {
  const target = autoscaler.spec?.scaleTargetRef
  const scaled = manifests
    .filter(isKind<V1Deployment>('Deployment'))
    .find(({ kind, metadata }) => kind === target?.kind && metadata.name === target.name)
  if (scaled === undefined) return [problem(autoscaler, `scales ${target?.kind}/${target?.name}, which does not exist`)]
  if (scaled.spec?.replicas === undefined) return []
  return [problem(scaled, `has replicas: ${scaled.spec.replicas}, and an autoscaler that owns their number`)]
}
