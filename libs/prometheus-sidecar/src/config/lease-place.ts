import { resolve } from 'node:path'

/** Where the lease that sidecars compete for is kept. */
export type LeasePlace =
  /** An empty namespace means that of the pod. */
  | { readonly kind: 'kubernetes'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'file'; readonly folder: string }

const DEFAULT_NAME = 'prometheus-sidecar'
const KUBERNETES =
  /^kubernetes(?::(?:(?<namespace>[a-z0-9]([-a-z0-9]*[a-z0-9])?)\/)?(?<name>[a-z0-9]([-.a-z0-9]*[a-z0-9])?))?$/
const MAX_NAME_LENGTH = 253

/** Reads `kubernetes`, `kubernetes:NAME`, `kubernetes:NAMESPACE/NAME` or `file:FOLDER`; undefined for anything else. */
export function parseLeasePlace(text: string): LeasePlace | undefined {
  if (text.startsWith('file:')) {
    const folder = text.slice('file:'.length)
    return folder === '' ? undefined : { kind: 'file', folder: resolve(folder) }
  }
  const groups = KUBERNETES.exec(text)?.groups
  if (groups === undefined) return undefined
  const { namespace = '', name = DEFAULT_NAME } = groups
  if (name.length > MAX_NAME_LENGTH || namespace.length > 63) return undefined
  return { kind: 'kubernetes', namespace, name }
}
