import { createHash } from 'node:crypto'
import { invalidArgument, invalidField, RpcError } from '../api/rpc-error.ts'
import { shortened } from '../api/shortened.ts'
import { checkDashboard } from './check-dashboard.ts'
import { copyDashboard, type DashboardMessage, dashboardCodec } from './dashboard.ts'
import { fillDefaults } from './fill-defaults.ts'

const MAX_DASHBOARDS = 1000
const ID = /^[A-Za-z0-9_-]{1,100}$/

/** The dashboards of all projects by name, such as `projects/P/dashboards/ID`. */
export class DashboardStore {
  readonly #byName = new Map<string, DashboardMessage>()
  readonly #changed: (projectId: string) => void

  constructor(changed: (projectId: string) => void) {
    this.#changed = changed
  }

  /** The dashboards of a project by name. */
  list(projectId: string): DashboardMessage[] {
    const prefix = prefixOf(projectId)
    return [...this.#byName.values()]
      .filter(({ name }) => name.startsWith(prefix))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** The projects that have dashboards. */
  get projects(): ReadonlySet<string> {
    return new Set([...this.#byName.keys()].map((name) => name.split('/')[1] ?? ''))
  }

  /** Deletes the dashboards of all projects. */
  clear(): void {
    this.#byName.clear()
    this.#changed('')
  }

  /** Throws NOT_FOUND. */
  get(name: string): DashboardMessage {
    const dashboard = this.#byName.get(name)
    if (!dashboard) throw new RpcError('NOT_FOUND', 'Requested entity was not found.')
    return dashboard
  }

  /**
   * Adds a dashboard, with an ID derived from its content if it has no name. Throws INVALID_ARGUMENT, ALREADY_EXISTS or
   * RESOURCE_EXHAUSTED.
   */
  create(projectId: string, dashboard: DashboardMessage, options: { validateOnly: boolean }): DashboardMessage {
    checkDashboard(dashboard)
    if (dashboard.etag)
      throw invalidField('dashboard.etag', undefined, 'It must not be set when a dashboard is created.')
    const prefix = prefixOf(projectId)
    const name = dashboard.name || this.#unusedName(prefix, dashboard)
    if (!name.startsWith(prefix) || !ID.test(name.slice(prefix.length))) {
      const reason = `It must have the form ${prefix}ID with letters, digits, "-" and "_".`
      throw invalidField('dashboard.name', name, reason)
    }
    if (this.#byName.has(name)) throw new RpcError('ALREADY_EXISTS', `Resource '${name}' already exists.`)
    if (this.#byName.size >= MAX_DASHBOARDS)
      throw new RpcError('RESOURCE_EXHAUSTED', `There are already ${MAX_DASHBOARDS} dashboards.`)
    return this.#keep(projectId, copyDashboard(dashboard, { name }), options)
  }

  /** The same calls create the same names, so that they can be repeated. */
  #unusedName(prefix: string, dashboard: DashboardMessage): string {
    const content = dashboardCodec.encode(dashboard)
    for (let copy = 0; ; copy++) {
      const hex = createHash('sha256').update(content).update(`${copy}`).digest('hex')
      const id = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-')
      if (!this.#byName.has(`${prefix}${id}`)) return `${prefix}${id}`
    }
  }

  /** Replaces a dashboard. Throws INVALID_ARGUMENT, NOT_FOUND, or ABORTED for an outdated etag. */
  update(projectId: string, dashboard: DashboardMessage, options: { validateOnly: boolean }): DashboardMessage {
    const { name, etag } = dashboard
    if (!etag) throw invalidArgument('Update Dashboard should specify a non empty etag.')
    const current = this.get(name)
    checkDashboard(dashboard)
    if (etag !== current.etag) {
      const given = shortened(etag)
      throw new RpcError(
        'ABORTED',
        `The etag "${given}" of '${name}' is outdated; the current one is "${current.etag}". Read the dashboard again and repeat the change.`,
      )
    }
    return this.#keep(projectId, dashboard, options)
  }

  /** Throws NOT_FOUND. */
  delete(projectId: string, name: string): void {
    this.get(name)
    this.#byName.delete(name)
    this.#changed(projectId)
  }

  #keep(projectId: string, dashboard: DashboardMessage, options: { validateOnly: boolean }): DashboardMessage {
    fillDefaults(dashboard)
    const kept = copyDashboard(dashboard, { etag: etagOf(copyDashboard(dashboard, { etag: '' })) })
    if (options.validateOnly) return kept
    this.#byName.set(kept.name, kept)
    this.#changed(projectId)
    return kept
  }
}

function prefixOf(projectId: string): string {
  return `projects/${projectId}/dashboards/`
}

function etagOf(dashboard: DashboardMessage): string {
  return createHash('sha256').update(dashboardCodec.encode(dashboard)).digest('hex').slice(0, 32)
}
