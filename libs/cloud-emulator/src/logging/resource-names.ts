import { checkedProjectId } from '../api/resource-name.ts'
import { invalidField } from '../api/rpc-error.ts'

const MAX_NAMES = 100

/** The projects of names such as `projects/P` or `projects/P/locations/L/buckets/B/views/V`. Throws INVALID_ARGUMENT. */
export function projectsOfNames(names: readonly string[]): string[] {
  if (names.length === 0 || names.length > MAX_NAMES)
    throw invalidField(
      'resource_names',
      undefined,
      `From 1 to ${MAX_NAMES} names are required; there are ${names.length}.`,
    )
  const projects = names.map((name) => {
    const project = /^projects\/([^/]+)(?:\/locations\/[^/]+\/buckets\/[^/]+\/views\/[^/]+)?$/.exec(name)?.[1]
    if (project === undefined)
      throw invalidField('resource_names', name, 'Only projects have logs here: projects/[PROJECT_ID].')
    return checkedProjectId(project)
  })
  return [...new Set(projects)]
}
