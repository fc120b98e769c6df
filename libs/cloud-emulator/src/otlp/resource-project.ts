import { checkedProjectId } from '../api/resource-name.ts'
import { RpcError } from '../api/rpc-error.ts'

const PROJECT_ATTRIBUTE = 'gcp.project_id'

/** The project of a resource's data; `problem` is why Google would reject it. */
export interface ResourceProject {
  readonly projectId: string
  readonly problem?: string
}

/**
 * The project in a resource's `gcp.project_id`. Without it the emulator's own project is used; Google has no such
 * default and rejects the resource.
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
