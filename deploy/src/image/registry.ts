/** An image's name in parts: `quay.io/prometheus/prometheus:v3.14.0@sha256:…`. */
export interface ImageReference {
  readonly registry: string
  readonly repository: string
  readonly tag: string
  readonly digest: string | undefined
}

/** A registry that can't be asked, or that does not know the image. */
export class RegistryError extends Error {
  readonly code = 'REGISTRY'
}

const form = /^([a-z0-9.-]+(?::\d+)?)\/([a-z0-9._/-]+):([\w][\w.-]*)(?:@(sha256:[0-9a-f]{64}))?$/

/**
 * Takes an image's name apart.
 *
 * @throws Error when it has no registry or no tag
 */
export function parseImage(image: string): ImageReference {
  const [, registry, repository, tag, digest] = form.exec(image) ?? []
  if (registry === undefined || repository === undefined || tag === undefined) {
    throw new Error(`"${image}" is no image with a registry and a tag, like quay.io/prometheus/prometheus:v3.14.0`)
  }
  return { registry, repository, tag, digest }
}

/** Manifests for all platforms at once first. */
const accept = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ')

/**
 * Asks the image's registry for the digest that its tag has now, by the OCI distribution API, anonymously.
 *
 * @throws RegistryError
 */
export async function lookUpDigest(
  image: ImageReference,
  options: { readonly scheme?: 'http' | 'https' } = {},
): Promise<string> {
  const host = image.registry === 'docker.io' ? 'registry-1.docker.io' : image.registry
  const url = `${options.scheme ?? 'https'}://${host}/v2/${image.repository}/manifests/${image.tag}`
  let response = await ask(url, { accept })
  if (response.status === 401) {
    const token = await anonymousToken(response.headers.get('www-authenticate') ?? '')
    response = await ask(url, { accept, authorization: `Bearer ${token}` })
  }
  if (!response.ok) throw new RegistryError(`${url} answers ${response.status}`)
  const digest = response.headers.get('docker-content-digest') ?? ''
  if (!/^sha256:[0-9a-f]{64}$/.test(digest)) throw new RegistryError(`${url} gives no digest, but "${digest}"`)
  return digest
}

async function anonymousToken(challenge: string): Promise<string> {
  const parameters = new Map(
    [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value]),
  )
  const realm = parameters.get('realm')
  if (!challenge.startsWith('Bearer ') || realm === undefined)
    throw new RegistryError(`no way to log in: "${challenge}"`)
  const url = new URL(realm)
  for (const key of ['service', 'scope']) {
    const value = parameters.get(key)
    if (value !== undefined) url.searchParams.set(key, value)
  }
  const response = await ask(url.href, {}, 'GET')
  if (!response.ok) throw new RegistryError(`${url} answers ${response.status}`)
  const body = JSON.parse(await response.text())
  const token = body.token ?? body.access_token
  if (typeof token !== 'string') throw new RegistryError(`${url} gives no token`)
  return token
}

async function ask(url: string, headers: Record<string, string>, method = 'HEAD'): Promise<Response> {
  try {
    return await fetch(url, { method, headers, signal: AbortSignal.timeout(20_000) })
  } catch (cause) {
    const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : String(cause)
    throw new RegistryError(`${url} can't be asked: ${reason}`, { cause })
  }
}
