import { messageCodec } from '../protos/registry.ts'

/** `google.monitoring.dashboard.v1.Dashboard`, as far as the emulator looks into it. */
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
  /** The name of the member that is set, such as `xyChart`. */
  content?: string
  xyChart?: {
    dataSets: { timeSeriesQuery?: TimeSeriesQueryMessage | null }[]
  } | null
  scorecard?: { timeSeriesQuery?: TimeSeriesQueryMessage | null } | null
  timeSeriesTable?: { dataSets: { timeSeriesQuery?: TimeSeriesQueryMessage | null }[] } | null
  pieChart?: { dataSets: { timeSeriesQuery?: TimeSeriesQueryMessage | null }[] } | null
}

export interface TimeSeriesQueryMessage {
  source?: string
  timeSeriesFilter?: { filter: string } | null
  timeSeriesFilterRatio?: { numerator?: { filter: string } | null; denominator?: { filter: string } | null } | null
}

export const dashboardCodec = messageCodec<DashboardMessage>('google.monitoring.dashboard.v1.Dashboard')

/** A copy with other fields. A mere spread would lose the defaults and the oneof's name, which a message has by its type. */
export function copyDashboard(
  dashboard: DashboardMessage,
  changes: Partial<Pick<DashboardMessage, 'name' | 'etag'>>,
): DashboardMessage {
  return dashboardCodec.type.create({ ...dashboard, ...changes }) as object as DashboardMessage
}
