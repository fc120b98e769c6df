/** The pages in the order of the navigation. */
export const PAGES = ['dashboards', 'metrics', 'traces', 'logs', 'alerts', 'writes'] as const

export type PageName = (typeof PAGES)[number]

/** The content of the address: a page, what is open on it, and its settings. */
export interface Route {
  readonly page: PageName
  /** A dashboard ID, a metric type or a trace ID. */
  readonly id?: string
  readonly parameters: Readonly<Record<string, string>>
}

/**
 * Parses the fragment of the address, such as `#/dashboards/flask-app?range=1h`. Unknown pages lead to the first page.
 */
export function parseRoute(hash: string): Route {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split('?', 2)
  const [pageText = '', ...rest] = path.split('/')
  const page = PAGES.find((name) => name === pageText) ?? 'dashboards'
  const parameters = Object.fromEntries(new URLSearchParams(search))
  let id = ''
  try {
    id = decodeURIComponent(rest.join('/'))
  } catch {
    // An ID that is not valid percent-encoding is ignored.
  }
  return id === '' || page !== pageText ? { page, parameters } : { page, id, parameters }
}

/** The inverse of {@link parseRoute}. Empty parameters are omitted. */
export function formatRoute(route: Route): string {
  const search = new URLSearchParams(Object.entries(route.parameters).filter(([, value]) => value !== '')).toString()
  const id = route.id === undefined ? '' : `/${route.id.split('/').map(encodeURIComponent).join('/')}`
  return `#/${route.page}${id}${search === '' ? '' : `?${search}`}`
}
