import type { PageName, Route } from '../route.ts'

/** The pages as the navigation names them. */
export const PAGE_TITLES: Readonly<Record<PageName, string>> = {
  dashboards: 'Dashboards',
  metrics: 'Metrics',
  traces: 'Traces',
  alerts: 'Alerts',
  logs: 'Logs',
  writes: 'Writes',
}

/** What a page shows, for its heading and the browser's tab. A trace's id is 32 digits, which no tab has room for. */
export function titleOf({ page, id }: Route): string {
  const subject = id?.split('/').at(-1)
  if (subject === undefined) return PAGE_TITLES[page]
  return page === 'traces' ? `Trace ${subject.slice(0, 8)}` : subject
}
