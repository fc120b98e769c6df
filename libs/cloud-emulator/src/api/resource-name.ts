import { invalidArgument } from './rpc-error.ts'
import { shortened } from './shortened.ts'

const PROJECT = /^projects\/([^/]+)$/
export const PROJECT_ID = /^[A-Za-z0-9:._-]{1,100}$/

/** The project ID of a name such as `projects/demo-project`. Throws INVALID_ARGUMENT for anything else. */
export function projectOfName(name: string): string {
  const projectId = PROJECT.exec(name)?.[1]
  if (projectId === undefined)
    throw invalidArgument(
      `Name must begin with '{resource_container_type}/{resource_container_id}', got: ${shortened(name)}`,
    )
  return checkedProjectId(projectId)
}

/**
 * The project ID and the rest of a name such as `projects/demo-project/metricDescriptors/external.googleapis.com/x`.
 * Throws INVALID_ARGUMENT.
 */
export function splitName(name: string, collection: string): { projectId: string; id: string } {
  const match = new RegExp(`^projects/([^/]+)/${collection}/(.+)$`).exec(name)
  if (!match?.[1] || !match[2]) {
    throw invalidArgument(`Name must have the form 'projects/PROJECT_ID/${collection}/ID', got: ${shortened(name)}`)
  }
  return { projectId: checkedProjectId(match[1]), id: match[2] }
}

/** Returns a valid project ID unchanged. Throws INVALID_ARGUMENT for any other. */
export function checkedProjectId(projectId: string): string {
  if (PROJECT_ID.test(projectId)) return projectId
  throw invalidArgument(
    `"${projectId.slice(0, 120)}" is not a project id: letters, digits, ":", ".", "_" and "-" are allowed, at most 100.`,
  )
}
