import { messageCodec } from '../protos/registry.ts'

/** The parts of `google.monitoring.dashboard.v1.Dashboard` that the emulator reads. */
export interface DashboardMessage {
  name: string
  displayName: string
  etag: string
  layout?: 'gridLayout' | 'mosaicLayout' | 'rowLayout' | 'columnLayout'
  gridLayout?: { columns?: unknown; widgets: WidgetMessage[] } | null
  mosaicLayout?: { columns: number; tiles: TileMessage[] } | null
  rowLayout?: { rows: { widgets: WidgetMessage[] }[] } | null
  dashboardFilters?: { templateVariable: string }[]
  columnLayout?: { columns: { widgets: WidgetMessage[] }[] } | null
}

export interface TileMessage {
  xPos: number
  yPos: number
  width: number
  height: number
  widget?: WidgetMessage | null
}

export interface WidgetMessage {
  title: string
  /** The name of the oneof's member, such as `xyChart`. */
  content?: string
  xyChart?: XyChartMessage | null
  scorecard?: { timeSeriesQuery?: TimeSeriesQueryMessage | null } | null
  timeSeriesTable?: { dataSets: TableDataSetMessage[] } | null
  pieChart?: { dataSets: DataSetMessage[] } | null
  treemap?: { dataSets: DataSetMessage[] } | null
  text?: { format: number; style?: object | null } | null
}

interface DataSetMessage {
  timeSeriesQuery?: TimeSeriesQueryMessage | null
}

interface TableDataSetMessage extends DataSetMessage {
  minAlignmentPeriod?: DurationMessage | null
}

export interface XyChartMessage {
  dataSets: XyDataSetMessage[]
  timeshiftDuration?: DurationMessage | null
  yAxis?: { scale: number } | null
}

interface XyDataSetMessage extends DataSetMessage {
  plotType?: number
  /** The number of `TargetAxis`. */
  targetAxis: number
}

interface DurationMessage {
  seconds: number | bigint | { toString(): string }
  nanos: number
}

export interface TimeSeriesQueryMessage {
  source?: string
  timeSeriesFilter?: FilterPartMessage | null
  timeSeriesFilterRatio?: { numerator?: FilterPartMessage | null; denominator?: FilterPartMessage | null } | null
}

/** A filter with the aggregation of the series that it selects. */
export interface FilterPartMessage {
  filter: string
  aggregation?: object | null
  secondaryAggregation?: object | null
}

export const dashboardCodec = messageCodec<DashboardMessage>('google.monitoring.dashboard.v1.Dashboard')

/**
 * A copy with some fields replaced. A plain spread would lose the defaults and the names of oneofs, which are
 * properties of the message's prototype.
 */
export function copyDashboard(
  dashboard: DashboardMessage,
  changes: Partial<Pick<DashboardMessage, 'name' | 'etag'>>,
): DashboardMessage {
  return dashboardCodec.type.create({ ...dashboard, ...changes }) as object as DashboardMessage
}
