/** The parts of `google.monitoring.dashboard.v1.Dashboard` that the UI draws, in JSON. int64 fields may be strings. */
export interface Dashboard {
  readonly name?: string
  readonly displayName?: string
  readonly etag?: string
  readonly mosaicLayout?: { readonly columns?: number; readonly tiles?: readonly MosaicTile[] }
  readonly gridLayout?: { readonly columns?: string | number; readonly widgets?: readonly Widget[] }
  readonly rowLayout?: {
    readonly rows?: readonly { readonly weight?: string | number; readonly widgets?: readonly Widget[] }[]
  }
  readonly columnLayout?: {
    readonly columns?: readonly { readonly weight?: string | number; readonly widgets?: readonly Widget[] }[]
  }
  readonly dashboardFilters?: readonly DashboardFilter[]
  readonly annotations?: object
  readonly labels?: Readonly<Record<string, string>>
}

/** A tile of a mosaic; a position of 0 is omitted in JSON. */
export interface MosaicTile {
  readonly xPos?: number
  readonly yPos?: number
  readonly width?: number
  readonly height?: number
  readonly widget?: Widget
}

/** A filter that the user sets for the whole dashboard. */
export interface DashboardFilter {
  readonly labelKey?: string
  readonly templateVariable?: string
  readonly stringValue?: string
  readonly filterType?: string
  readonly stringArray?: object
  readonly stringArrayValue?: object
}

/** One widget: a title and one content. */
export interface Widget {
  readonly title?: string
  readonly id?: string
  readonly xyChart?: XyChart
  readonly scorecard?: Scorecard
  readonly text?: { readonly content?: string; readonly format?: string; readonly style?: TextStyle }
  readonly blank?: object
  readonly timeSeriesTable?: TimeSeriesTable
  readonly pieChart?: PieChart
  readonly sectionHeader?: { readonly subtitle?: string; readonly dividerBelow?: boolean }
  readonly collapsibleGroup?: { readonly collapsed?: boolean }
  readonly logsPanel?: { readonly filter?: string }
  readonly alertChart?: { readonly name?: string }
  readonly incidentList?: IncidentList
  readonly singleViewGroup?: object
  readonly timeRange?: object
  readonly visibilityCondition?: object
}

/** The style of a text, with the enum values of Google's API (`P_SMALL`, `FS_LARGE`, `H_CENTER`, `V_TOP`). */
export interface TextStyle {
  readonly padding?: string
  readonly fontSize?: string
  readonly horizontalAlignment?: string
  readonly verticalAlignment?: string
}

/** The incidents of some policies or resources, or of all. */
export interface IncidentList {
  readonly policyNames?: readonly string[]
  readonly monitoredResources?: readonly {
    readonly type?: string
    readonly labels?: Readonly<Record<string, string>>
  }[]
}

/** A line drawn across a chart, or a limit of a scorecard. */
export interface Threshold {
  readonly label?: string
  readonly value?: number
  readonly color?: string
  readonly direction?: string
  readonly targetAxis?: string
}

/** One data set of an xyChart. */
export interface DataSet {
  readonly timeSeriesQuery?: TimeSeriesQuery
  readonly plotType?: string
  readonly legendTemplate?: string
  readonly minAlignmentPeriod?: string
  readonly targetAxis?: string
  readonly breakdowns?: readonly object[]
  readonly dimensions?: readonly object[]
  readonly measures?: readonly object[]
  readonly sort?: readonly object[]
}

/** An axis of an xyChart. */
export interface Axis {
  readonly label?: string
  readonly scale?: string
}

/** A chart over time. */
export interface XyChart {
  readonly dataSets?: readonly DataSet[]
  readonly thresholds?: readonly Threshold[]
  readonly timeshiftDuration?: string
  readonly xAxis?: Axis
  readonly yAxis?: Axis
  readonly y2Axis?: Axis
  readonly chartOptions?: { readonly mode?: string; readonly displayHorizontal?: boolean }
}

/** One number, with a gauge or a spark line. */
export interface Scorecard {
  readonly timeSeriesQuery?: TimeSeriesQuery
  readonly gaugeView?: { readonly lowerBound?: number; readonly upperBound?: number }
  readonly sparkChartView?: { readonly sparkChartType?: string; readonly minAlignmentPeriod?: string }
  readonly thresholds?: readonly Threshold[]
}

/** The last value of each series. */
export interface TimeSeriesTable {
  readonly dataSets?: readonly {
    readonly timeSeriesQuery?: TimeSeriesQuery
    readonly tableTemplate?: string
    readonly minAlignmentPeriod?: string
  }[]
  readonly metricVisualization?: string
  readonly columnSettings?: readonly {
    readonly column?: string
    readonly visible?: boolean
    readonly displayName?: string
    /** `LEFT`, `CENTER` or `RIGHT`. */
    readonly alignment?: string
  }[]
}

/** The newest value of each series as a fraction of the total. */
export interface PieChart {
  readonly dataSets?: readonly {
    readonly timeSeriesQuery?: TimeSeriesQuery
    readonly sliceNameTemplate?: string
    readonly minAlignmentPeriod?: string
  }[]
  /** `PIE` or `DONUT`. */
  readonly chartType?: string
  readonly showLabels?: boolean
}

/** `google.monitoring.dashboard.v1.TimeSeriesQuery`, in JSON. */
export interface TimeSeriesQuery {
  readonly timeSeriesFilter?: RatioPart & {
    readonly secondaryAggregation?: Aggregation
    readonly pickTimeSeriesFilter?: unknown
  }
  readonly timeSeriesFilterRatio?: {
    readonly numerator?: RatioPart
    readonly denominator?: RatioPart
    readonly secondaryAggregation?: Aggregation
    readonly pickTimeSeriesFilter?: unknown
  }
  readonly timeSeriesQueryLanguage?: string
  readonly prometheusQuery?: string
  readonly unitOverride?: string
  /** One value over the whole range, where no series of points is expected. */
  readonly outputFullDuration?: boolean
}

/** A filter with its aggregation, such as one half of a ratio. */
export interface RatioPart {
  readonly filter: string
  readonly aggregation?: Aggregation
}

/** `google.monitoring.v3.Aggregation`, in JSON. */
export interface Aggregation {
  readonly alignmentPeriod?: string
  readonly perSeriesAligner?: string
  readonly crossSeriesReducer?: string
  readonly groupByFields?: readonly string[]
}
