import type { Labels } from '../../../model/labels/labels.ts'
import type { Target } from '../../../model/target.ts'
import type { ConversionRules } from '../../conversion-rules.ts'
import type { Drop } from '../../drop-reason.ts'
import { type MatchedResource, NO_TARGET } from '../metrics-format.ts'

/** Labels of a target that go into the resource, and win over what is known otherwise. */
const OF_TARGET = ['project_id', 'location', 'cluster', 'namespace'] as const

/**
 * The `prometheus_target` of a series: where its target is, and its job and instance, which are the series' own with
 * `honor_labels`. Labels of that name that only the exposition has stay metric labels. A series without a target has one
 * if it tells its job and instance, as those that Prometheus received by OTLP do.
 */
export function prometheusTarget(
  labels: Labels,
  target: Target | undefined,
  { resourceDefaults, targetlessResource }: ConversionRules,
): MatchedResource | Drop {
  const job = labels.get('job') ?? target?.labels.get('job')
  const instance = labels.get('instance') ?? target?.labels.get('instance')
  if (target === undefined && targetlessResource !== undefined) return { ...targetlessResource, consumed: new Set() }
  if (target === undefined && (job === undefined || instance === undefined)) return NO_TARGET
  const { kubernetesLocation, kubernetesClusterName, genericLocation, genericNamespace } = resourceDefaults
  const consumed = new Set(['job', 'instance'])
  const resource = new Map([
    ['location', kubernetesLocation || genericLocation],
    ['cluster', kubernetesClusterName],
    ['namespace', target?.discoveredLabels.get('__meta_kubernetes_namespace') ?? genericNamespace],
    ['job', job ?? ''],
    ['instance', instance ?? ''],
  ])
  for (const name of OF_TARGET) {
    const value = target?.labels.get(name)
    if (value === undefined) continue
    resource.set(name, value)
    if (labels.get(name) === value) consumed.add(name)
  }
  if (resource.get('location') === '') {
    return {
      drop: 'unknown_resource',
      detail:
        'prometheus_target needs a location; set --stackdriver.kubernetes.location or --stackdriver.generic.location',
    }
  }
  return { type: 'prometheus_target', labels: resource, consumed }
}
