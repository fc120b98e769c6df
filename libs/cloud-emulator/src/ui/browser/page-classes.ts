import type { AppContext, Page } from './app-context.ts'
import { AlertsPage } from './pages/alerts-page.ts'
import { DashboardsPage } from './pages/dashboards-page.ts'
import { LogsPage } from './pages/logs-page.ts'
import { MetricsPage } from './pages/metrics-page.ts'
import { TracesPage } from './pages/traces-page.ts'
import { WritesPage } from './pages/writes-page.ts'
import type { PageName } from './route.ts'

/** The class of each page. */
export const PAGE_CLASSES: Readonly<Record<PageName, new (app: AppContext) => Page>> = {
  dashboards: DashboardsPage,
  metrics: MetricsPage,
  traces: TracesPage,
  alerts: AlertsPage,
  logs: LogsPage,
  writes: WritesPage,
}
