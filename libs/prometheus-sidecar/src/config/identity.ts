import { UsageError } from '@node-to-cloud/command-line'
import type { Flags } from './flags.ts'
import { PROGRAM } from './program.ts'

/** The project, location and cluster that the metrics belong to. */
export interface Identity {
  readonly projectId: string
  readonly kubernetesLocation: string
  readonly kubernetesClusterName: string
}

/** Looks up an entry of the GCE metadata server; undefined if it does not exist. */
export type MetadataServer = (path: string) => Promise<string | undefined>

/**
 * Fills in what the flags leave unset: project, location and cluster from the GCE metadata server if there is one;
 * otherwise the project from the credentials. Throws a {@link UsageError} if the project remains unknown.
 */
export async function findIdentity(
  flags: Flags,
  sources: {
    readonly metadata: () => Promise<MetadataServer | undefined>
    readonly credentialsProject: () => Promise<string | undefined>
  },
): Promise<Identity> {
  let { projectId, kubernetesLocation, kubernetesClusterName } = flags
  const needed = projectId === '' || kubernetesLocation === '' || kubernetesClusterName === ''
  const server = needed ? await sources.metadata() : undefined
  if (server !== undefined) {
    projectId ||= (await server('project/project-id')) ?? ''
    kubernetesLocation ||= (await server('instance/attributes/cluster-location')) ?? ''
    kubernetesClusterName ||= (await server('instance/attributes/cluster-name')) ?? ''
  }
  if (projectId === '' && flags.apiAddress.authenticated) projectId = (await sources.credentialsProject()) ?? ''
  if (projectId === '') {
    throw new UsageError(
      'the Google Cloud project is unknown: set --stackdriver.project-id or GOOGLE_CLOUD_PROJECT (there is no GCE metadata server here, and the credentials name no project)',
      { command: PROGRAM.name },
    )
  }
  return { projectId, kubernetesLocation, kubernetesClusterName }
}

/**
 * The metadata server of Google Compute Engine, if this machine has one (`GCE_METADATA_HOST` overrides its address).
 */
export async function gceMetadata(env: NodeJS.ProcessEnv): Promise<MetadataServer | undefined> {
  const host = env.GCE_METADATA_HOST ?? env.GCE_METADATA_IP ?? 'metadata.google.internal'
  const request = async (path: string): Promise<Response> =>
    fetch(`http://${host}/computeMetadata/v1/${path}`, {
      headers: { 'Metadata-Flavor': 'Google' },
      signal: AbortSignal.timeout(2_000),
    })
  try {
    const response = await request('')
    await response.body?.cancel()
    if (response.headers.get('metadata-flavor') !== 'Google') return undefined
  } catch {
    return undefined
  }
  return async (path) => {
    try {
      const response = await request(path)
      return response.ok ? (await response.text()).trim() : undefined
    } catch {
      return undefined
    }
  }
}
