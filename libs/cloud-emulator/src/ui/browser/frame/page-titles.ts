import type { PageName, Route } from '../route.ts'

/** The names of the pages in the navigation. */
export const PAGE_TITLES: Readonly<Record<PageName, string>> = {
  dashboards: 'Dashboards',
  metrics: 'Metrics',
  traces: 'Traces',
  alerts: 'Alerts',
  logs: 'Logs',
  writes: 'Writes',
}

/** The title of a page, for its heading and the browser tab. A trace ID has 32 digits, too many for a tab. */
export function titleOf({ page, id }: Route): string {
  const subject = id?.split('/').at(-1)
  if (subject === undefined) return PAGE_TITLES[page]
  return page === 'traces' ? `Trace ${subject.slice(0, 8)}` : subject
}
