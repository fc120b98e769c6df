import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

/** The `aggregation` of a query. */
export interface Aggregation {
  readonly alignmentPeriod?: string
  readonly perSeriesAligner?: string
  readonly crossSeriesReducer?: string
  readonly groupByFields?: readonly string[]
}

/** A filter and the aggregation of its series. */
export interface FilterQuery {
  readonly filter: string
  readonly aggregation?: Aggregation
}

/** A widget's query. */
export interface TimeSeriesQuery {
  readonly timeSeriesFilter?: FilterQuery
  readonly timeSeriesFilterRatio?: { readonly numerator: FilterQuery; readonly denominator: FilterQuery }
  readonly prometheusQuery?: string
  readonly unitOverride?: string
}

/** A threshold of a widget. */
export interface Threshold {
  readonly value?: number
  readonly label?: string
  readonly color?: string
  readonly direction?: string
}

/** A data set of a chart or table. */
export interface DataSet {
  readonly timeSeriesQuery: TimeSeriesQuery
  readonly plotType?: string
}

/** The parts of a widget that are read here. */
export interface Widget {
  readonly title?: string
  readonly xyChart?: { readonly dataSets: readonly DataSet[]; readonly thresholds?: readonly Threshold[] }
  readonly scorecard?: { readonly timeSeriesQuery: TimeSeriesQuery; readonly thresholds?: readonly Threshold[] }
  readonly timeSeriesTable?: { readonly dataSets: readonly DataSet[] }
  readonly collapsibleGroup?: object
  readonly sectionHeader?: object
}

/** A tile. Positions default to 0. */
export interface Tile {
  readonly xPos?: number
  readonly yPos?: number
  readonly width: number
  readonly height: number
  readonly widget: Widget
}

/** A dashboard's JSON. */
export interface Dashboard {
  readonly displayName: string
  readonly name?: string
  readonly etag?: string
  readonly mosaicLayout: { readonly columns: number; readonly tiles: readonly Tile[] }
  readonly dashboardFilters?: readonly {
    readonly labelKey: string
    readonly filterType: string
    readonly templateVariable?: string
  }[]
}

/** A condition of an alert policy. */
export interface Condition {
  readonly displayName: string
  readonly conditionThreshold?: {
    readonly filter: string
    readonly aggregations?: readonly Aggregation[]
    readonly denominatorFilter?: string
    readonly denominatorAggregations?: readonly Aggregation[]
    readonly comparison: string
    readonly thresholdValue?: number
    readonly duration: string
  }
  readonly conditionAbsent?: {
    readonly filter: string
    readonly aggregations?: readonly Aggregation[]
    readonly duration: string
  }
}

/** An alert policy's JSON. */
export interface AlertPolicy {
  readonly displayName: string
  readonly name?: string
  readonly severity?: string
  readonly documentation: { readonly content: string; readonly mimeType: string; readonly subject?: string }
  readonly conditions: readonly Condition[]
  readonly userLabels?: Readonly<Record<string, string>>
}

/** A document and its id, which is its file name without `.json`. */
export interface Named<T> {
  readonly id: string
  readonly document: T
}

async function readFolder<T>(folder: string): Promise<Named<T>[]> {
  const path = fileURLToPath(new URL(`../../${folder}/`, import.meta.url))
  const files = (await readdir(path)).filter((file) => file.endsWith('.json')).sort()
  return Promise.all(
    files.map(async (file) => ({
      id: file.slice(0, -'.json'.length),
      document: JSON.parse(await readFile(`${path}${file}`, 'utf8')),
    })),
  )
}

/** Reads `deploy/dashboards/*.json`, by id. */
export function readDashboards(): Promise<Named<Dashboard>[]> {
  return readFolder('dashboards')
}

/** Reads `deploy/alerts/*.json`, by id. */
export function readAlertPolicies(): Promise<Named<AlertPolicy>[]> {
  return readFolder('alerts')
}
