import { pageOf } from '../api/list-page.ts'
import { projectOfName, splitName } from '../api/resource-name.ts'
import { invalidField } from '../api/rpc-error.ts'
import { handler, type Service } from '../api/service.ts'
import type { DashboardMessage } from './dashboard.ts'
import type { DashboardStore } from './dashboard-store.ts'

const MAX_PAGE = 1000

/** Cloud Monitoring's `google.monitoring.dashboard.v1.DashboardsService`. */
export function dashboardsService(store: DashboardStore): Service {
  return {
    name: 'google.monitoring.dashboard.v1.DashboardsService',
    handlers: {
      CreateDashboard: handler<{ parent: string; dashboard?: DashboardMessage | null; validateOnly: boolean }>(
        ({ parent, dashboard, validateOnly }) =>
          store.create(projectOfName(parent), given(dashboard), { validateOnly }),
      ),
      ListDashboards: handler<{ parent: string; pageSize: number; pageToken: string }>(
        ({ parent, pageSize, pageToken }) => {
          const page = pageOf(store.list(projectOfName(parent)), {
            pageSize,
            pageToken,
            maxPageSize: MAX_PAGE,
            fingerprint: parent,
            sortKeyOf: ({ name }) => [name],
          })
          return { dashboards: page.items, nextPageToken: page.nextPageToken }
        },
      ),
      GetDashboard: handler<{ name: string }>(({ name }) => {
        splitName(name, 'dashboards')
        return store.get(name)
      }),
      DeleteDashboard: handler<{ name: string }>(({ name }) => {
        store.delete(splitName(name, 'dashboards').projectId, name)
        return {}
      }),
      UpdateDashboard: handler<{ dashboard?: DashboardMessage | null; validateOnly: boolean }>(
        ({ dashboard, validateOnly }) => {
          const next = given(dashboard)
          return store.update(splitName(next.name, 'dashboards').projectId, next, { validateOnly })
        },
      ),
    },
  }
}

function given(dashboard: DashboardMessage | null | undefined): DashboardMessage {
  if (dashboard) return dashboard
  throw invalidField('dashboard', undefined, 'The dashboard is required.')
}
