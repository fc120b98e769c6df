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

function filterOf(filters: readonly string[]): string {
  return filters
    .map((part, index) => (part === 'AND' ? ' ' : index % 4 === 2 ? `"${part}"` : part))
    .join('')
    .trim()
}

function wholeSeconds(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, 'Z')
}
