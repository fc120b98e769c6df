/** The pages, in the order of the navigation. */
export const pages = ['dashboards', 'metrics', 'traces', 'writes'] as const

/** One of {@link pages}. */
export type PageName = (typeof pages)[number]

/** What the address says: a page, what is open on it, and its settings. */
export interface Route {
  readonly page: PageName
  /** A dashboard's id, a metric type or a trace id. */
  readonly id?: string
  readonly parameters: Readonly<Record<string, string>>
}

/** Reads the fragment of the address: `#/dashboards/flask-app?range=1h`. What it can't read leads to the first page. */
export function parseRoute(hash: string): Route {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split('?', 2)
  const [pageText = '', ...rest] = path.split('/')
  const page = pages.find((name) => name === pageText) ?? 'dashboards'
  const parameters = Object.fromEntries(new URLSearchParams(search))
  let id = ''
  try {
    id = decodeURIComponent(rest.join('/'))
  } catch {
    // A stray % in the address: as good as no id.
  }
  return id === '' || page !== pageText ? { page, parameters } : { page, id, parameters }
}

/** Writes what {@link parseRoute} reads; parameters that are empty are left out. */
export function formatRoute(route: Route): string {
  const search = new URLSearchParams(Object.entries(route.parameters).filter(([, value]) => value !== '')).toString()
  const id = route.id === undefined ? '' : `/${route.id.split('/').map(encodeURIComponent).join('/')}`
  return `#/${route.page}${id}${search === '' ? '' : `?${search}`}`
}
