import { fieldMessage } from '../api/rpc-error.ts'
import { FilterError } from '../monitoring/filter/filter-error.ts'
import { parseFilter } from '../monitoring/filter/parse-filter.ts'
import type { DashboardMessage, TileMessage, TimeSeriesQueryMessage, WidgetMessage } from './dashboard.ts'

/** The API's definition says 12, but the console writes 48. */
const MAX_COLUMNS = 48
const MAX_WIDGETS = 500

/** Describes what is wrong with a dashboard, its layout, tiles, widgets or filters; undefined if nothing is. */
export function checkDashboard(dashboard: DashboardMessage): string | undefined {
  if (dashboard.displayName === '')
    return fieldMessage('dashboard.display_name', undefined, 'The display name is required.')
  if (!dashboard.layout) {
    return fieldMessage(
      'dashboard.layout',
      undefined,
      'One of gridLayout, mosaicLayout, rowLayout and columnLayout is required.',
    )
  }
  const widgets = widgetsOf(dashboard)
  if (widgets.length > MAX_WIDGETS)
    return fieldMessage('dashboard', undefined, `It has ${widgets.length} widgets; at most ${MAX_WIDGETS} are allowed.`)
  const tileProblem = dashboard.mosaicLayout ? mosaicProblem(dashboard.mosaicLayout) : undefined
  if (tileProblem !== undefined) return tileProblem
  const variables = new Set((dashboard.dashboardFilters ?? []).map(({ templateVariable }) => templateVariable))
  for (const { widget, field } of widgets) {
    const problem = widgetProblem(widget, field, variables)
    if (problem !== undefined) return problem
  }
  return undefined
}

function mosaicProblem({ columns, tiles }: { columns: number; tiles: readonly TileMessage[] }): string | undefined {
  const field = 'dashboard.mosaic_layout'
  if (columns < 1 || columns > MAX_COLUMNS)
    return fieldMessage(`${field}.columns`, String(columns), `The number of columns must be from 1 to ${MAX_COLUMNS}.`)
  for (const [index, tile] of tiles.entries()) {
    const place = `${field}.tiles[${index}]`
    if (tile.xPos < 0 || tile.yPos < 0)
      return fieldMessage(place, `${tile.xPos},${tile.yPos}`, 'The position of a tile must not be negative.')
    if (tile.width < 1 || tile.height < 1)
      return fieldMessage(place, `${tile.width}x${tile.height}`, 'A tile is at least 1 wide and 1 high.')
    if (tile.xPos + tile.width > columns) {
      return fieldMessage(
        place,
        `xPos ${tile.xPos} + width ${tile.width}`,
        `The tile reaches beyond the ${columns} columns.`,
      )
    }
    if (!tile.widget) return fieldMessage(`${place}.widget`, undefined, 'The widget is required.')
    const other = tiles.findIndex(
      (earlier, at) => at < index && overlap(earlier, tile) && !isGroup(earlier) && !isGroup(tile),
    )
    if (other >= 0) return fieldMessage(place, undefined, `The tile overlaps with tiles[${other}].`)
  }
  return undefined
}

/** The tiles of a collapsible group lie within its area. */
function isGroup(tile: TileMessage): boolean {
  return tile.widget?.content === 'collapsibleGroup'
}

function overlap(a: TileMessage, b: TileMessage): boolean {
  return (
    a.xPos < b.xPos + b.width && b.xPos < a.xPos + a.width && a.yPos < b.yPos + b.height && b.yPos < a.yPos + a.height
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

function widgetProblem(widget: WidgetMessage, field: string, variables: ReadonlySet<string>): string | undefined {
  if (!widget.content)
    return fieldMessage(field, undefined, 'The widget has no content, such as xyChart, scorecard or text.')
  const dataSets = widget.xyChart?.dataSets ?? widget.timeSeriesTable?.dataSets ?? widget.pieChart?.dataSets
  if (dataSets?.length === 0) return fieldMessage(`${field}.data_sets`, undefined, 'At least one data set is required.')
  const queries =
    dataSets?.map((dataSet) => dataSet.timeSeriesQuery) ?? (widget.scorecard ? [widget.scorecard.timeSeriesQuery] : [])
  for (const query of queries) {
    const problem = queryProblem(query, `${field}.time_series_query`, variables)
    if (problem !== undefined) return problem
  }
  return undefined
}

function queryProblem(
  query: TimeSeriesQueryMessage | null | undefined,
  field: string,
  variables: ReadonlySet<string>,
): string | undefined {
  if (!query?.source) return fieldMessage(field, undefined, 'A query is required.')
  const { timeSeriesFilter: single, timeSeriesFilterRatio: ratio } = query
  if (single) return filterProblem(single.filter, `${field}.time_series_filter`, variables)
  if (!ratio) return undefined
  return (
    filterProblem(ratio.numerator?.filter, `${field}.time_series_filter_ratio.numerator`, variables) ??
    filterProblem(ratio.denominator?.filter, `${field}.time_series_filter_ratio.denominator`, variables)
  )
}

const VARIABLE = /\$(?:\{(\w+)(\.value)?\}|(\w+))/g

/** Replaces each of the dashboard's variables by something that can be parsed in its place. */
function filledIn(filter: string, variables: ReadonlySet<string>): string {
  return filter.replace(VARIABLE, (whole, name: string | undefined, value: string | undefined, bare: string) => {
    if (!variables.has(name ?? bare)) return whole
    return value === undefined ? 'resource.type:*' : 'x'
  })
}

function filterProblem(filter: string | undefined, field: string, variables: ReadonlySet<string>): string | undefined {
  try {
    return filter !== undefined && parseFilter(filledIn(filter, variables))
      ? undefined
      : fieldMessage(`${field}.filter`, filter, 'The filter is required.')
  } catch (error) {
    if (error instanceof FilterError) return fieldMessage(`${field}.filter`, filter, `${error.message}.`)
    throw error
  }
}
