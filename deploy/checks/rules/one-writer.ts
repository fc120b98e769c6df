import type { V1Deployment } from '@kubernetes/client-node'
import { containersOf, isKind, type Manifest, type Problem, podSpecOf } from '../manifest.ts'
import { problem } from './rule.ts'

const writers = /(^|\/)(prometheus-sidecar|stackdriver-prometheus-sidecar)(:|@|$)/

/** At most one sidecar writes the series, and never two pods of it side by side: two writers of one series corrupt it. */
export function checkOneWriter(manifests: readonly Manifest[]): Problem[] {
  const writing = manifests
    .filter(isKind<V1Deployment>('Deployment'))
    .map((deployment) => ({
      deployment,
      images: containersOf(podSpecOf(deployment)).filter(({ image = '' }) => writers.test(image)),
    }))
    .filter(({ images }) => images.length > 0)
  const problems = writing.flatMap(({ deployment }) => {
    const { replicas = 1, strategy } = deployment.spec ?? {}
    if (replicas === 1 && strategy?.type === 'Recreate') return []
    return [problem(deployment, 'has a sidecar that writes: it needs one replica and strategy Recreate')]
  })
  const all = writing.flatMap(({ deployment, images }) => images.map(() => deployment))
  const second = all[1]
  return second === undefined
    ? problems
    : [...problems, problem(second, `${all.length} sidecars write the same series`)]
}
