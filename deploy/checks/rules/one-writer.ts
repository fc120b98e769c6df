import type { V1Deployment } from '../kubernetes-types.ts'
import { containersOf, isKind, type Manifest, type Problem, podSpecOf } from '../manifest.ts'
import { problem } from './rule.ts'

const WRITERS = /(^|\/)(prometheus-sidecar|stackdriver-prometheus-sidecar)(:|@|$)/

/** At most one sidecar in one pod writes the series: two writers of one series corrupt it. */
export function checkOneWriter(manifests: readonly Manifest[]): Problem[] {
  const writing = manifests
    .filter(isKind<V1Deployment>('Deployment'))
    .map((deployment) => ({
      deployment,
      images: containersOf(podSpecOf(deployment)).filter(({ image = '' }) => WRITERS.test(image)),
    }))
    .filter(({ images }) => images.length > 0)
  const problems = writing.flatMap(({ deployment }) => {
    const { replicas = 1, strategy } = deployment.spec ?? {}
    if (replicas === 1 && strategy?.type === 'Recreate') return []
    return [problem(deployment, 'has a sidecar that writes, so it needs one replica and the strategy Recreate')]
  })
  const all = writing.flatMap(({ deployment, images }) => images.map(() => deployment))
  const second = all[1]
  return second === undefined
    ? problems
    : [...problems, problem(second, `${all.length} sidecars write the same series`)]
}
