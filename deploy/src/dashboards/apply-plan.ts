import type { AlertPolicy, Dashboard, Named } from './documents.ts'

/** The user label that ties an alert policy in a project to its file: a policy's own id is given by the API. */
export const alertLabel = 'node-to-cloud-alert'

/** What a project has already. */
export interface ExistingResource {
  /** The resource name, as `projects/P/dashboards/ID`. */
  readonly name: string
  readonly etag?: string
  readonly userLabels?: Readonly<Record<string, string>>
}

/** One call of gcloud. The document goes into a file, whose path is put in place of `{file}`. */
export interface Step {
  readonly id: string
  readonly action: 'create' | 'update'
  readonly kind: 'dashboard' | 'alert policy'
  readonly arguments: readonly string[]
  readonly document: object
}

function lastPart(name: string): string {
  return name.split('/').at(-1) ?? ''
}

/**
 * Says how to bring the dashboards of a project in line with the files. A dashboard is told by its id, which is its file's
 * name; an update carries the etag that was read, so that nobody's change in between is overwritten.
 */
export function planDashboards(
  files: readonly Named<Dashboard>[],
  existing: readonly ExistingResource[],
  project: string,
): Step[] {
  const known = new Map(existing.map((resource) => [lastPart(resource.name), resource]))
  return files.map(({ id, document }) => {
    const found = known.get(id)
    const name = found?.name ?? `projects/${project}/dashboards/${id}`
    const command = found ? ['update', id] : ['create']
    return {
      id,
      kind: 'dashboard',
      action: found ? 'update' : 'create',
      arguments: ['monitoring', 'dashboards', ...command, '--config-from-file={file}', `--project=${project}`],
      document: { ...document, name, ...(found?.etag ? { etag: found.etag } : {}) },
    }
  })
}

/** The same for alert policies, which are told by their user label. */
export function planAlertPolicies(
  files: readonly Named<AlertPolicy>[],
  existing: readonly ExistingResource[],
  project: string,
): Step[] {
  const known = new Map(existing.map((resource) => [resource.userLabels?.[alertLabel] ?? '', resource]))
  return files.map(({ id, document }) => {
    const found = known.get(id)
    const command = found ? ['update', found.name] : ['create']
    return {
      id,
      kind: 'alert policy',
      action: found ? 'update' : 'create',
      arguments: ['monitoring', 'policies', ...command, '--policy-from-file={file}', `--project=${project}`],
      document: found ? { ...document, name: found.name } : document,
    }
  })
}
