import { invalidArgument, invalidField } from '../api/rpc-error.ts'
import { checkWidgetQueries } from './check-queries.ts'
import {
  type DashboardMessage,
  dashboardCodec,
  type TileMessage,
  type WidgetMessage,
  type XyChartMessage,
} from './dashboard.ts'

/** The API's definition says 12, but the console writes 48. */
const MAX_COLUMNS = 48
const MAX_WIDGETS = 500
const MAX_BYTES = 1024 * 1024
const MIN_TIMESHIFT_SECONDS = 60
const ONLY_IN_MOSAIC = ['collapsibleGroup', 'singleViewGroup', 'sectionHeader']
/** By number; 0 is unspecified, and drawn as a line. */
const PLOT_TYPES = ['LINE', 'LINE', 'STACKED_AREA', 'STACKED_BAR', 'HEATMAP'] as const

/** Throws INVALID_ARGUMENT if the dashboard's name, layout, tiles, widgets or filters break a rule, or it is too large. */
export function checkDashboard(dashboard: DashboardMessage): void {
  if (dashboard.displayName === '')
    throw invalidField('dashboard.display_name', undefined, 'The display name is required.')
  if (!dashboard.layout) {
    const reason = 'One of gridLayout, mosaicLayout, rowLayout and columnLayout is required.'
    throw invalidField('dashboard.layout', undefined, reason)
  }
  const widgets = widgetsOf(dashboard)
  if (!dashboard.mosaicLayout) refuseGroups(widgets)
  if (widgets.length > MAX_WIDGETS)
    throw invalidField('dashboard', undefined, `It has ${widgets.length} widgets; at most ${MAX_WIDGETS} are allowed.`)
  if (dashboard.mosaicLayout) checkMosaic(dashboard.mosaicLayout)
  const variables = new Set((dashboard.dashboardFilters ?? []).map(({ templateVariable }) => templateVariable))
  for (const { widget, field } of widgets) checkWidget(widget, field, variables)
  const bytes = dashboardCodec.encode(dashboard).length
  if (bytes > MAX_BYTES) throw invalidArgument(`The dashboard has ${bytes} bytes; at most ${MAX_BYTES} are allowed.`)
}

function refuseGroups(widgets: readonly { readonly widget: WidgetMessage; readonly field: string }[]): void {
  for (const { widget, field } of widgets) {
    const { content } = widget
    if (content === undefined || !ONLY_IN_MOSAIC.includes(content)) continue
    throw invalidField(field, content, `${content} is only allowed in MosaicLayout.`)
  }
}

function checkMosaic({ columns, tiles }: { columns: number; tiles: readonly TileMessage[] }): void {
  const field = 'dashboard.mosaic_layout'
  const views = tiles.filter((tile) => tile.widget?.content === 'singleViewGroup')
  const inOneView = (a: TileMessage, b: TileMessage): boolean =>
    views.some((view) => contains(view, a) && contains(view, b))
  if (columns < 1 || columns > MAX_COLUMNS)
    throw invalidField(`${field}.columns`, String(columns), `The number of columns must be from 1 to ${MAX_COLUMNS}.`)
  for (const [index, tile] of tiles.entries()) {
    const place = `${field}.tiles[${index}]`
    const { xPos, yPos, width, height, widget } = tile
    if (xPos < 0 || yPos < 0)
      throw invalidField(place, `${xPos},${yPos}`, 'The position of a tile must not be negative.')
    if (width < 1 || height < 1)
      throw invalidField(place, `${width}x${height}`, 'A tile must be at least 1 wide and 1 high.')
    if (xPos + width > columns)
      throw invalidField(place, `xPos ${xPos} + width ${width}`, `The tile extends beyond the ${columns} columns.`)
    if (!widget) throw invalidField(`${place}.widget`, undefined, 'The widget is required.')
    const other = tiles.findIndex(
      (earlier, at) =>
        at < index && overlap(earlier, tile) && !isGroup(earlier) && !isGroup(tile) && !inOneView(earlier, tile),
    )
    if (other >= 0) throw invalidField(place, undefined, `The tile overlaps with tiles[${other}].`)
  }
}

/** The tiles of a collapsible group are within its area. */
function isGroup(tile: TileMessage): boolean {
  return tile.widget?.content === 'collapsibleGroup'
}

function overlap(a: TileMessage, b: TileMessage): boolean {
  return (
    a.xPos < b.xPos + b.width && b.xPos < a.xPos + a.width && a.yPos < b.yPos + b.height && b.yPos < a.yPos + a.height
  )
}

/** The tiles of a single view group are within its area, on top of each other: it shows one of them at a time. */
function contains(outer: TileMessage, inner: TileMessage): boolean {
  return (
    inner.xPos >= outer.xPos &&
    inner.yPos >= outer.yPos &&
    inner.xPos + inner.width <= outer.xPos + outer.width &&
    inner.yPos + inner.height <= outer.yPos + outer.height
  )
}

function widgetsOf(dashboard: DashboardMessage): { widget: WidgetMessage; field: string }[] {
  const { gridLayout, mosaicLayout, rowLayout, columnLayout } = dashboard
  const numbered = (widgets: readonly WidgetMessage[], field: string) =>
    widgets.map((widget, index) => ({ widget, field: `${field}.widgets[${index}]` }))
  if (gridLayout) return numbered(gridLayout.widgets, 'dashboard.grid_layout')
  if (rowLayout)
    return rowLayout.rows.flatMap((row, index) => numbered(row.widgets, `dashboard.row_layout.rows[${index}]`))
  if (columnLayout)
    return columnLayout.columns.flatMap((column, index) =>
      numbered(column.widgets, `dashboard.column_layout.columns[${index}]`),
    )
  return (mosaicLayout?.tiles ?? []).flatMap((tile, index) =>
    tile.widget ? [{ widget: tile.widget, field: `dashboard.mosaic_layout.tiles[${index}].widget` }] : [],
  )
}

function checkWidget(widget: WidgetMessage, field: string, variables: ReadonlySet<string>): void {
  if (!widget.content) throw invalidArgument(`Dashboard is missing required field ${inCamelCase(field)}.content.`)
  if (widget.xyChart) checkTimeshift(widget.xyChart, `${field}.xy_chart`)
  checkWidgetQueries(widget, field, variables)
}

/** A chart can be compared with an earlier time if all its data sets are lines. */
function checkTimeshift({ timeshiftDuration, dataSets }: XyChartMessage, field: string): void {
  if (!timeshiftDuration) return
  const place = inCamelCase(field)
  const seconds = Number(timeshiftDuration.seconds) + timeshiftDuration.nanos / 1e9
  if (seconds === 0) return
  if (seconds < MIN_TIMESHIFT_SECONDS)
    throw invalidArgument(
      `Field ${place}.timeshiftDuration has an invalid value of "${seconds}s": must be greater than or equal to one minute.`,
    )
  for (const [index, { plotType = 0 }] of dataSets.entries()) {
    const name = PLOT_TYPES[plotType] ?? String(plotType)
    if (name === 'LINE') continue
    throw invalidArgument(
      `Field ${place}.dataSets[${index}].plotType has an invalid value of "${name}": plot type is incompatible with XyChart's timeshiftDuration.`,
    )
  }
}

/** A path below `dashboard` as it is written in the real API's messages. */
function inCamelCase(field: string): string {
  return field.replace(/^dashboard\./, '').replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}
