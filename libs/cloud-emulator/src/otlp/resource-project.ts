import { checkedProjectId } from '../api/resource-name.ts'
import { RpcError } from '../api/rpc-error.ts'

const PROJECT_ATTRIBUTE = 'gcp.project_id'

/** Where the data of a resource goes: `problem` is what Google would refuse it for. */
export interface ResourceProject {
  readonly projectId: string
  readonly problem?: string
}

/**
 * The project that a resource's `gcp.project_id` names. Without one it is the emulator's own, which Google, having none,
 * would refuse.
 */
export function projectOfResource(attributes: ReadonlyMap<string, string>, fallback: string): ResourceProject {
  const named = attributes.get(PROJECT_ATTRIBUTE)
  if (named === undefined || named === '')
    return {
      projectId: fallback,
      problem: `Resource is missing required attribute "${PROJECT_ATTRIBUTE}".`,
    }
  try {
    return { projectId: checkedProjectId(named) }
  } catch (error) {
    if (error instanceof RpcError) return { projectId: fallback, problem: `${PROJECT_ATTRIBUTE}: ${error.message}` }
    throw error
  }
}
