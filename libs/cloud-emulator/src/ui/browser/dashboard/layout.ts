import type { Dashboard, Widget } from '../../../contract/dashboard.ts'

/** A widget with its position in its section's grid. */
export interface PlacedWidget {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly widget: Widget
  /** The widgets of a single view group, which are shown one at a time; the first is the widget itself. */
  readonly views?: readonly Widget[]
}

/** A grid of widgets; with a title it is a group that can be collapsed. */
export interface Section {
  readonly title?: string
  readonly collapsed: boolean
  readonly columns: number
  /** Row heights assume a mosaic with this many columns; with more columns they are lower. */
  readonly rowColumns: number
  readonly tiles: readonly PlacedWidget[]
}

const MOSAIC_COLUMNS = 12
const FLOW_HEIGHT = 4

function positiveInteger(value: string | number | undefined, otherwise: number): number {
  const number = Number(value)
  return Number.isInteger(number) && number > 0 ? number : otherwise
}

function mosaicTiles(layout: NonNullable<Dashboard['mosaicLayout']>, columns: number): PlacedWidget[] {
  const placed = (layout.tiles ?? []).map((tile) => {
    const x = Math.min(Math.max(0, tile.xPos ?? 0), columns - 1)
    return {
      x,
      y: Math.max(0, tile.yPos ?? 0),
      width: Math.min(Math.max(1, tile.width ?? 1), columns - x),
      height: Math.max(1, tile.height ?? 1),
      widget: tile.widget ?? {},
    }
  })
  return withViewsInGroups(placed)
}

/** A single view group shows one of the tiles in its area at a time: they become one tile with several views. */
function withViewsInGroups(tiles: readonly PlacedWidget[]): PlacedWidget[] {
  const members = new Set<PlacedWidget>()
  const groups = new Map<PlacedWidget, PlacedWidget>()
  for (const group of tiles.filter((tile) => tile.widget.singleViewGroup !== undefined)) {
    const inGroup = tiles.filter((tile) => !tile.widget.singleViewGroup && inside(tile, group))
    const views = inGroup.map(({ widget }) => ({ ...widget, title: titleOfView(group.widget, widget) }))
    const [first] = views
    if (!first) continue
    for (const tile of inGroup) members.add(tile)
    groups.set(group, { ...group, widget: first, views })
  }
  return tiles.flatMap((tile) => (members.has(tile) ? [] : [groups.get(tile) ?? tile]))
}

function titleOfView(group: Widget, view: Widget): string {
  return [group.title, view.title].filter(Boolean).join(': ')
}

function inside(tile: PlacedWidget, group: PlacedWidget): boolean {
  return (
    tile.x >= group.x &&
    tile.x + tile.width <= group.x + group.width &&
    tile.y >= group.y &&
    tile.y + tile.height <= group.y + group.height
  )
}

/** Moves a grid up to row 0 and sorts its tiles in reading order. */
function fromTop(tiles: readonly PlacedWidget[]): PlacedWidget[] {
  const top = Math.min(...tiles.map((tile) => tile.y))
  return tiles.map((tile) => ({ ...tile, y: tile.y - top })).sort((a, b) => a.y - b.y || a.x - b.x)
}

/** Separates collapsible groups, which are tiles too, with the tiles within their area. */
function mosaicSections(tiles: readonly PlacedWidget[], columns: number): Section[] {
  const groups = tiles.filter((tile) => tile.widget.collapsibleGroup !== undefined).sort((a, b) => a.y - b.y)
  const members = new Map<PlacedWidget, PlacedWidget[]>(groups.map((group) => [group, []]))
  const free: PlacedWidget[] = []
  for (const tile of tiles) {
    if (members.has(tile)) continue
    const group = groups.find((candidate) => inside(tile, candidate))
    if (group) members.get(group)?.push(tile)
    else free.push(tile)
  }

  const sections: Section[] = []
  const addFree = (from: number, to: number): void => {
    const part = free.filter((tile) => tile.y >= from && tile.y < to)
    if (part.length > 0) sections.push({ collapsed: false, columns, rowColumns: columns, tiles: fromTop(part) })
  }
  let from = 0
  for (const group of groups) {
    addFree(from, group.y)
    from = Math.max(from, group.y)
    const own = members.get(group) ?? []
    sections.push({
      title: group.widget.title ?? 'Group',
      collapsed: group.widget.collapsibleGroup?.collapsed === true,
      columns,
      rowColumns: columns,
      tiles: own.length > 0 ? fromTop(own) : [],
    })
  }
  addFree(from, Number.POSITIVE_INFINITY)
  return sections
}

/** Converts any of the four layouts to sections of placed widgets, from top to bottom. An empty dashboard has none. */
export function layOut(dashboard: Dashboard): Section[] {
  if (dashboard.mosaicLayout) {
    const columns = positiveInteger(dashboard.mosaicLayout.columns, MOSAIC_COLUMNS)
    return mosaicSections(mosaicTiles(dashboard.mosaicLayout, columns), columns)
  }

  let columns = MOSAIC_COLUMNS
  const tiles: PlacedWidget[] = []
  if (dashboard.gridLayout) {
    const widgets = dashboard.gridLayout.widgets ?? []
    columns = positiveInteger(dashboard.gridLayout.columns, Math.min(3, Math.max(1, widgets.length)))
    widgets.forEach((widget, index) => {
      const y = Math.floor(index / columns) * FLOW_HEIGHT
      tiles.push({ x: index % columns, y, width: 1, height: FLOW_HEIGHT, widget })
    })
  } else if (dashboard.rowLayout) {
    const rows = dashboard.rowLayout.rows ?? []
    let y = 0
    for (const row of rows) {
      const widgets = row.widgets ?? []
      const height = FLOW_HEIGHT * positiveInteger(row.weight, 1)
      widgets.forEach((widget, index) => {
        const x = Math.floor((index * columns) / widgets.length)
        const end = Math.floor(((index + 1) * columns) / widgets.length)
        tiles.push({ x, y, width: Math.max(1, end - x), height, widget })
      })
      y += height
    }
  } else if (dashboard.columnLayout) {
    const layoutColumns = dashboard.columnLayout.columns ?? []
    const weights = layoutColumns.map((column) => positiveInteger(column.weight, 1))
    columns = Math.max(
      1,
      weights.reduce((sum, weight) => sum + weight, 0),
    )
    let x = 0
    layoutColumns.forEach((column, index) => {
      const width = weights[index] ?? 1
      ;(column.widgets ?? []).forEach((widget, row) => {
        tiles.push({ x, y: row * FLOW_HEIGHT, width, height: FLOW_HEIGHT, widget })
      })
      x += width
    })
  }
  return tiles.length === 0 ? [] : [{ collapsed: false, columns, rowColumns: MOSAIC_COLUMNS, tiles: fromTop(tiles) }]
}
