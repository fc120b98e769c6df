import { containersOf, isWorkload, type Manifest, type Problem, podSpecOf } from '../manifest.ts'
import { problem } from './rule.ts'

/** The images built from this repository, named after their project, without a registry or tag. */
export const OWN_IMAGES = [
  'flask-app',
  'custom-metrics-example',
  'loadtester',
  'prometheus-sidecar',
  'cloud-emulator',
] as const

const EXACT_VERSION = /^[a-z0-9.-]+(?::\d+)?(?:\/[a-z0-9._-]+)+:v?\d+\.\d+\.\d+(?:-[\w.]+)?(?:@sha256:[0-9a-f]{64})?$/

/** Every image is built here or has an exact version and a registry. */
export function checkImages(manifests: readonly Manifest[]): Problem[] {
  return manifests.filter(isWorkload).flatMap((workload) =>
    containersOf(podSpecOf(workload)).flatMap(({ name, image = '', imagePullPolicy }) => {
      const own = OWN_IMAGES.some((candidate) => candidate === image)
      if (!own && !EXACT_VERSION.test(image)) {
        return [
          problem(
            workload,
            `${name}: image "${image}" is neither built here (${OWN_IMAGES.join(', ')}) nor an exact version with a registry`,
          ),
        ]
      }
      if (imagePullPolicy !== 'IfNotPresent') {
        return [
          problem(
            workload,
            `${name}: imagePullPolicy must be IfNotPresent, or an image without a tag is always pulled`,
          ),
        ]
      }
      return []
    }),
  )
}
