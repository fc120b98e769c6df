import type { Installation } from '../../installation.ts'

/** The label of GKE's nodes with a metadata server, which `workload-identity` selects. */
const GKE_NODE = 'iam.gke.io/gke-metadata-server-enabled'

/** Labels all nodes, unless one has the label. Returns whether it did. */
export async function labelNodes({ kubectl }: Installation): Promise<boolean> {
  const { stdout } = await kubectl.run(['get', 'nodes', '--selector', GKE_NODE, '--output=name'])
  if (stdout.trim() !== '') return false
  await kubectl.run(['label', 'nodes', '--all', `${GKE_NODE}=true`])
  return true
}

/** Removes the label from all nodes. */
export async function unlabelNodes({ kubectl }: Installation): Promise<void> {
  await kubectl.run(['label', 'nodes', '--all', `${GKE_NODE}-`])
}
