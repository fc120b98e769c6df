import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'

/** The kustomization that is released: on GKE, with Prometheus and the sidecar. */
const OVERLAY = 'deploy/overlays/gke'

/** The names of the images that this repository builds. */
export const IMAGES = [
  'cloud-emulator',
  'custom-metrics-example',
  'flask-app',
  'loadtester',
  'prometheus-sidecar',
] as const

/** What stands for an image of this repository in the released manifests. */
export type ReferenceOf = (name: string) => string

const DIGEST = /@sha256:[0-9a-f]{64}$/

/**
 * Parses `NAME=REFERENCE` of every image: the references by name.
 *
 * @throws TypeError unless each image has one, with a digest
 */
export function parseImages(values: readonly string[]): ReadonlyMap<string, string> {
  const references = new Map<string, string>()
  for (const value of values) {
    const [name = '', reference = ''] = value.split(/=(.*)/s)
    if (!IMAGES.some((image) => image === name)) {
      throw new TypeError(`--image: "${value}" must begin with an image and "=": ${IMAGES.join(', ')}`)
    }
    if (!DIGEST.test(reference)) throw new TypeError(`--image: "${value}" must end with a digest, @sha256:…`)
    references.set(name, reference)
  }
  const missing = IMAGES.filter((name) => !references.has(name))
  if (missing.length > 0) throw new TypeError(`--image: ${missing.join(', ')} must be given too`)
  return references
}

/** All manifests as one file, with released images. Needs kubectl (or what `KUBECTL` names). */
export function installManifest(root: string, referenceOf: ReferenceOf): string {
  const kubectl = process.env.KUBECTL || 'kubectl'
  const built = execFileSync(kubectl, ['kustomize', join(root, OVERLAY)], { encoding: 'utf8', maxBuffer: 64 << 20 })
  return withImages(built, referenceOf)
}

/** Manifests whose images of this repository are the released ones. */
export function withImages(manifests: string, referenceOf: ReferenceOf): string {
  const own = new RegExp(`^(\\s*(?:- )?image: )(${IMAGES.join('|')})(?::\\S+)?$`, 'gm')
  const text = manifests.replace(own, (_, before: string, name: string) => `${before}${referenceOf(name)}`)
  for (const { errors } of parseAllDocuments(text)) if (errors[0]) throw errors[0]
  return text
}
