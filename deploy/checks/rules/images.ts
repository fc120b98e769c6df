import { containersOf, isWorkload, type Manifest, type Problem, podSpecOf } from '../manifest.ts'
import { problem } from './rule.ts'

/** The images that this repository builds: named after their project, without a registry or a tag. */
export const ownImages = [
  'flask-app',
  'custom-metrics-example',
  'loadtester',
  'prometheus-sidecar',
  'cloud-emulator',
] as const

const exactVersion = /^[a-z0-9.-]+(?::\d+)?(?:\/[a-z0-9._-]+)+:v?\d+\.\d+\.\d+(?:-[\w.]+)?(?:@sha256:[0-9a-f]{64})?$/

/** Every image is built here, or pinned to an exact version in a named registry; none is `latest`. */
export function checkImages(manifests: readonly Manifest[]): Problem[] {
  return manifests.filter(isWorkload).flatMap((workload) =>
    containersOf(podSpecOf(workload)).flatMap(({ name, image = '', imagePullPolicy }) => {
      const own = ownImages.some((candidate) => candidate === image)
      if (!own && !exactVersion.test(image)) {
        return [
          problem(workload, `${name}: image "${image}" is neither built here (${ownImages.join(', ')}) nor exact`),
        ]
      }
      if (imagePullPolicy !== 'IfNotPresent') {
        return [
          problem(
            workload,
            `${name}: imagePullPolicy has to be IfNotPresent, or an image without a tag is always pulled`,
          ),
        ]
      }
      return []
    }),
  )
}
