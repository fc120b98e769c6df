import { getJson } from './get-json.ts'

export type MetricKind = 'GAUGE' | 'CUMULATIVE' | 'DELTA'
export type ValueType = 'BOOL' | 'INT64' | 'DOUBLE' | 'STRING' | 'DISTRIBUTION'

/** A metric type stored in Cloud Monitoring, and how much of it. */
export interface StoredType {
  readonly type: string
  readonly metricKind: string
  readonly valueType: string
  readonly series: number
  readonly points: number
}

/** The fields of Cloud Monitoring's `ListMetricDescriptorsResponse` that are read here. */
interface DescriptorList {
  readonly metricDescriptors?: readonly Readonly<Record<'type' | 'metricKind' | 'valueType', string>>[]
  readonly nextPageToken?: string
}

/** The fields of its `ListTimeSeriesResponse`. */
interface SeriesList {
  readonly timeSeries?: readonly { readonly points?: readonly unknown[] }[]
  readonly nextPageToken?: string
}

/** The most pages of a list that are read. */
const MAX_PAGES = 20

/**
 * Reads every metric type through Cloud Monitoring's REST API at `baseUrl`, with the number of series and points of the last hour.
 *
 * @param counted - the types whose series and points are counted; 0 for all others
 * @throws where it does not answer within 5 s
 */
export async function readStoredTypes(
  baseUrl: string,
  projectId: string,
  counted: ReadonlySet<string>,
): Promise<StoredType[]> {
  const project = `${baseUrl}/v3/projects/${encodeURIComponent(projectId)}`
  const stored: StoredType[] = []
  for await (const { metricDescriptors = [] } of pages<DescriptorList>(`${project}/metricDescriptors?`)) {
    for (const { type, metricKind, valueType } of metricDescriptors) {
      const { series, points } = counted.has(type) ? await count(project, type) : { series: 0, points: 0 }
      stored.push({ type, metricKind, valueType, series, points })
    }
  }
  return stored
}

async function count(project: string, type: string): Promise<{ series: number; points: number }> {
  const now = Date.now()
  const query = new URLSearchParams({
    filter: `metric.type = "${type}"`,
    'interval.startTime': new Date(now - 3_600_000).toISOString(),
    'interval.endTime': new Date(now + 60_000).toISOString(),
    view: 'FULL',
  })
  let series = 0
  let points = 0
  for await (const { timeSeries = [] } of pages<SeriesList>(`${project}/timeSeries?${query}`)) {
    series += timeSeries.length
    for (const one of timeSeries) points += one.points?.length ?? 0
  }
  return { series, points }
}

async function* pages<T extends { readonly nextPageToken?: string }>(url: string): AsyncGenerator<T> {
  let pageToken = ''
  for (let page = 0; page < MAX_PAGES; page++) {
    const list = await getJson<T>(`${url}&pageToken=${encodeURIComponent(pageToken)}`)
    yield list
    if (!list.nextPageToken) return
    pageToken = list.nextPageToken
  }
}
