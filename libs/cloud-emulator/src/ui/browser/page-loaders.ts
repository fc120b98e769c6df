import type { AppContext, Page } from './app-context.ts'
import { DashboardsPage } from './pages/dashboards-page.ts'
import type { PageName } from './route.ts'

/** Loads the code of a page. The first page comes with the shell; the others are loaded when idle or when opened. */
export const PAGE_LOADERS: Readonly<Record<PageName, () => Promise<new (app: AppContext) => Page>>> = {
  dashboards: async () => DashboardsPage,
  metrics: async () => (await import('./pages/metrics-page.ts')).MetricsPage,
  traces: async () => (await import('./pages/traces-page.ts')).TracesPage,
  alerts: async () => (await import('./pages/alerts-page.ts')).AlertsPage,
  logs: async () => (await import('./pages/logs-page.ts')).LogsPage,
  writes: async () => (await import('./pages/writes-page.ts')).WritesPage,
}

/** Loads all pages, so that they open at once, even if the emulator has stopped by then. */
export function loadAllPages(): void {
  // If this fails, opening the page reports it.
  for (const load of Object.values(PAGE_LOADERS)) load().catch(() => {})
}
