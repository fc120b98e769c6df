/** The requests that Grafana's data source "Google Cloud Monitoring" sends, as Grafana 12 builds them. */

/** A target of a panel, as far as it is read here. */
export interface TimeSeriesListTarget {
  readonly queryType: 'timeSeriesList'
  readonly timeSeriesList: {
    readonly projectName: string
    /** Label, operator, value, and `AND` between them. */
    readonly filters: readonly string[]
    readonly perSeriesAligner: string
    readonly crossSeriesReducer: string
    readonly groupBys: readonly string[]
    readonly alignmentPeriod: string
    readonly view: string
  }
}

/** "Save & test" of the data source. */
export function healthCheck(project: string): string {
  return `/v3/projects/${project}/metricDescriptors`
}

/** The query of a panel: parameters in alphabetical order, times in seconds, the period with a sign. */
export function timeSeriesRequest({ timeSeriesList: list }: TimeSeriesListTarget, from: Date, to: Date): string {
  const parameters = new URLSearchParams([
    ['aggregation.alignmentPeriod', list.alignmentPeriod],
    ['aggregation.crossSeriesReducer', list.crossSeriesReducer],
    ...list.groupBys.map((field): [string, string] => ['aggregation.groupByFields', field]),
    ['aggregation.perSeriesAligner', list.perSeriesAligner],
    ['filter', filterOf(list.filters)],
    ['interval.endTime', wholeSeconds(to)],
    ['interval.startTime', wholeSeconds(from)],
    ['view', list.view],
  ])
  return `/v3/projects/${list.projectName}/timeSeries?${parameters}`
}

/** A request of the data source "Prometheus", below its URL. */
export interface PrometheusRequest {
  readonly path: string
  /** The form of a POST; a GET where there is none. */
  readonly form?: Readonly<Record<string, string>>
}

/** "Save & test", the query builder's lists, and the queries of a panel and of Explore. */
export function prometheusRequests(query: string, from: Date, to: Date): readonly PrometheusRequest[] {
  const [start, end] = [from, to].map((time) => String(time.getTime() / 1000))
  const range = { start: start ?? '', end: end ?? '' }
  return [
    { path: '/api/v1/status/buildinfo' },
    { path: '/api/v1/query', form: { query: '1+1', time: range.end } },
    { path: '/api/v1/labels', form: { ...range, 'match[]': `{__name__="${query}"}` } },
    { path: `/api/v1/label/__name__/values?${new URLSearchParams(range)}` },
    { path: '/api/v1/metadata?limit=5000' },
    { path: '/api/v1/series', form: { ...range, 'match[]': query } },
    { path: '/api/v1/query_range', form: { query: `sum(rate(${query}[5m]))`, ...range, step: '15' } },
    { path: '/api/v1/query', form: { query, time: range.end } },
    { path: `/api/v1/label/status/values?${new URLSearchParams({ ...range, 'match[]': query, limit: '40000' })}` },
    {
      path: `/api/v1/label/__name__/values?${new URLSearchParams({ ...range, 'match[]': '{__name__=~".*flask.*"}' })}`,
    },
    { path: '/api/v1/labels', form: { ...range, 'match[]': `{__name__="${query}",status="200"}`, limit: '40000' } },
    { path: `/api/v1/format_query?${new URLSearchParams({ query: `sum(${query})by(status)` })}` },
    { path: `/api/v1/parse_query?${new URLSearchParams({ query })}` },
    { path: '/api/v1/rules' },
  ]
}

/** The PromQL query of "Google Cloud Monitoring": its parameters are JSON. */
export function cloudPromqlRequest(project: string, query: string, from: Date, to: Date) {
  return {
    path: `/v1/projects/${project}/location/global/prometheus/api/v1/query_range`,
    body: { query, start: String(from.getTime() / 1000), end: String(to.getTime() / 1000), step: '60s' },
  }
}

function filterOf(filters: readonly string[]): string {
  return filters
    .map((part, index) => (part === 'AND' ? ' ' : index % 4 === 2 ? `"${part}"` : part))
    .join('')
    .trim()
}

function wholeSeconds(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, 'Z')
}
