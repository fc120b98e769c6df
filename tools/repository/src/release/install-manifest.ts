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

/**
 * All manifests as one file, with released images. Needs kubectl (or what `KUBECTL` names).
 *
 * @param imagePrefix - as in `ghcr.io/owner/name`
 */
export function installManifest(root: string, imagePrefix: string, version: string): string {
  const kubectl = process.env.KUBECTL || 'kubectl'
  const built = execFileSync(kubectl, ['kustomize', join(root, OVERLAY)], { encoding: 'utf8', maxBuffer: 64 << 20 })
  return withImages(built, imagePrefix, version)
}

/** Manifests whose images of this repository are the released ones. */
export function withImages(manifests: string, imagePrefix: string, version: string): string {
  const own = new RegExp(`^(\\s*(?:- )?image: )(${IMAGES.join('|')})(?::\\S+)?$`, 'gm')
  const text = manifests.replace(own, `$1${imagePrefix}/$2:${version}`)
  for (const { errors } of parseAllDocuments(text)) if (errors[0]) throw errors[0]
  return text
}
