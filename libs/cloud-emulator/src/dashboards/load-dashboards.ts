import { loadJsonFolder } from '../json-folder.ts'
import { messageFromJson } from '../protos/proto-json.ts'
import { copyDashboard, dashboardCodec } from './dashboard.ts'
import type { DashboardStore } from './dashboard-store.ts'

/**
 * Loads every `*.json` file of a directory as a dashboard with the file's name as ID. Returns what could not be loaded,
 * and why.
 */
export function loadDashboards(
  store: DashboardStore,
  options: { directory: string; projectId: string },
): Promise<string[]> {
  const { directory, projectId } = options
  return loadJsonFolder({ directory, option: '--dashboards', contents: 'dashboards' }, (json, id) => {
    const dashboard = messageFromJson(dashboardCodec, json, 'dashboard')
    const name = `projects/${projectId}/dashboards/${id}`
    store.create(projectId, copyDashboard(dashboard, { name, etag: '' }), { validateOnly: false })
  })
}
