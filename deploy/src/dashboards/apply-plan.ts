import type { AlertPolicy, Dashboard, Named } from './documents.ts'

/** The user label that links an alert policy to its file, since the API assigns a policy's id. */
export const ALERT_LABEL = 'node-to-cloud-alert'

/** A dashboard or alert policy that the project already has. */
export interface ExistingResource {
  /** The resource name, such as `projects/P/dashboards/ID`. */
  readonly name: string
  readonly etag?: string
  readonly userLabels?: Readonly<Record<string, string>>
}

/** One call of gcloud. The document is written to a file whose path replaces `{file}`. */
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
 * Plans the calls that create or update a project's dashboards from the files. A dashboard is identified by its id, the name of its
 * file. An update carries the etag that was read, so that it fails when someone has changed the dashboard since.
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

/** Plans the same for alert policies, which are identified by their user label. `command` is gcloud's for them. */
export function planAlertPolicies(
  files: readonly Named<AlertPolicy>[],
  existing: readonly ExistingResource[],
  { project, command: policies }: { project: string; command: readonly string[] },
): Step[] {
  const known = new Map(existing.map((resource) => [resource.userLabels?.[ALERT_LABEL] ?? '', resource]))
  return files.map(({ id, document }) => {
    const found = known.get(id)
    const command = found ? ['update', found.name] : ['create']
    return {
      id,
      kind: 'alert policy',
      action: found ? 'update' : 'create',
      arguments: [...policies, ...command, '--policy-from-file={file}', `--project=${project}`],
      document: found ? { ...document, name: found.name } : document,
    }
  })
}
