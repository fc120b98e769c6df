import type { Installation } from '../../installation.ts'
import { ClusterWide } from './cluster-wide.ts'

/** The label of GKE's nodes with a metadata server, which `workload-identity` selects. */
const GKE_NODE = 'iam.gke.io/gke-metadata-server-enabled'

/** Labels all nodes, unless one has the label. Returns whether it did. */
async function labelNodes({ kubectl }: Installation): Promise<boolean> {
  const { stdout } = await kubectl.run(['get', 'nodes', '--selector', GKE_NODE, '--output=name'])
  if (stdout.trim() !== '') return false
  await kubectl.run(['label', 'nodes', '--all', `${GKE_NODE}=true`])
  return true
}

/** Removes the label from all nodes. */
async function unlabelNodes({ kubectl }: Installation): Promise<void> {
  await kubectl.run(['label', 'nodes', '--all', `${GKE_NODE}-`])
}

/** Nodes as those of GKE with a metadata server. */
export const gkeNodes = new ClusterWide({ make: labelNodes, remove: unlabelNodes })
