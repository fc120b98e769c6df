import type { Labels } from '../../../model/labels/labels.ts'
import type { Target } from '../../../model/target.ts'
import type { ConversionRules } from '../../conversion-rules.ts'
import type { Drop } from '../../drop-reason.ts'
import { type MatchedResource, NO_TARGET } from '../metrics-format.ts'

/** Target labels that become resource labels and override any other source. */
const OF_TARGET = ['project_id', 'location', 'cluster', 'namespace'] as const

/**
 * The `prometheus_target` of a series: the location of its target, and its job and instance, which with `honor_labels`
 * are the series' own. Labels of that name that only the exposition has remain metric labels. A series without a target
 * has a resource if it has job and instance labels, such as those that Prometheus received over OTLP.
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
