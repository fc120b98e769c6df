/** The parts of an image's name: `quay.io/prometheus/prometheus:v3.14.0@sha256:…`. */
export interface ImageReference {
  readonly registry: string
  readonly repository: string
  readonly tag: string
  readonly digest: string | undefined
}

/** The registry can't be reached, or does not have the image. */
export class RegistryError extends Error {
  readonly code = 'ERR_REGISTRY'
}

const IMAGE_NAME = /^([a-z0-9.-]+(?::\d+)?)\/([a-z0-9._/-]+):([\w][\w.-]*)(?:@(sha256:[0-9a-f]{64}))?$/

/**
 * Parses an image's name.
 *
 * @throws Error when the registry or the tag is missing
 */
export function parseImage(image: string): ImageReference {
  const [, registry, repository, tag, digest] = IMAGE_NAME.exec(image) ?? []
  if (registry === undefined || repository === undefined || tag === undefined) {
    throw new Error(
      `"${image}" must be an image with a registry and a tag, such as quay.io/prometheus/prometheus:v3.14.0`,
    )
  }
  return { registry, repository, tag, digest }
}

/** Multi-platform manifests first. */
const ACCEPTED_MANIFESTS = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ')

/**
 * Looks up the digest that the image's tag currently points to, anonymously, with the OCI distribution API.
 *
 * @throws RegistryError
 */
export async function lookUpDigest(
  image: ImageReference,
  options: { readonly scheme?: 'http' | 'https' } = {},
): Promise<string> {
  const host = image.registry === 'docker.io' ? 'registry-1.docker.io' : image.registry
  const url = `${options.scheme ?? 'https'}://${host}/v2/${image.repository}/manifests/${image.tag}`
  let response = await ask(url, { accept: ACCEPTED_MANIFESTS })
  if (response.status === 401) {
    const token = await anonymousToken(response.headers.get('www-authenticate') ?? '')
    response = await ask(url, { accept: ACCEPTED_MANIFESTS, authorization: `Bearer ${token}` })
  }
  if (!response.ok) throw new RegistryError(`${url} responded with ${response.status}`)
  const digest = response.headers.get('docker-content-digest') ?? ''
  if (!/^sha256:[0-9a-f]{64}$/.test(digest)) throw new RegistryError(`${url} returned no digest but "${digest}"`)
  return digest
}

async function anonymousToken(challenge: string): Promise<string> {
  const parameters = new Map(
    [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value]),
  )
  const realm = parameters.get('realm')
  if (!challenge.startsWith('Bearer ') || realm === undefined)
    throw new RegistryError(`unsupported authentication challenge "${challenge}"`)
  const url = new URL(realm)
  for (const key of ['service', 'scope']) {
    const value = parameters.get(key)
    if (value !== undefined) url.searchParams.set(key, value)
  }
  const response = await ask(url.href, {}, 'GET')
  if (!response.ok) throw new RegistryError(`${url} responded with ${response.status}`)
  const body = JSON.parse(await response.text())
  const token = body.token ?? body.access_token
  if (typeof token !== 'string') throw new RegistryError(`${url} returned no token`)
  return token
}

async function ask(url: string, headers: Record<string, string>, method = 'HEAD'): Promise<Response> {
  try {
    return await fetch(url, { method, headers, signal: AbortSignal.timeout(20_000) })
  } catch (cause) {
    const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : String(cause)
    throw new RegistryError(`${url} can't be reached: ${reason}`, { cause })
  }
}
