import type { V1Deployment } from '../kubernetes-types.ts'
import { containersOf, isKind, type Manifest, type Problem, podSpecOf } from '../manifest.ts'
import { problem } from './rule.ts'

const WRITERS = /(^|\/)(prometheus-sidecar|stackdriver-prometheus-sidecar)(:|@|$)/

/**
 * At most one sidecar in one pod writes the series, since two writers of one series corrupt it; or there are several that
 * elect one, each with a database of its own.
 */
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
    const pod = podSpecOf(deployment)
    if (containersOf(pod).some(({ args = [] }) => args.some((arg) => arg.startsWith('--ha.lease=')))) {
      const claim = pod.volumes?.find(({ persistentVolumeClaim }) => persistentVolumeClaim !== undefined)
      if (claim === undefined || replicas === 1) return []
      return [problem(deployment, `has ${replicas} pods, which can't share the claim of the volume ${claim.name}`)]
    }
    if (replicas === 1 && strategy?.type === 'Recreate') return []
    return [problem(deployment, 'has a sidecar that writes, so it needs one replica and the strategy Recreate')]
  })
  const all = writing.flatMap(({ deployment, images }) => images.map(() => deployment))
  const second = all[1]
  return second === undefined
    ? problems
    : [...problems, problem(second, `${all.length} sidecars write the same series`)]
}
