import { type Child, element } from './element.ts'

export interface Column<Row> {
  readonly title: string
  readonly cell: (row: Row) => Child
  readonly className?: string
  /** Value to sort by; without it, the table can't be sorted by this column. */
  readonly sortBy?: (row: Row) => number | string
}

/** How a table is sorted. The caller keeps it, so that it survives re-rendering. */
export interface SortOrder {
  column: number
  descending: boolean
}

/** A column of numbers that the table can be sorted by. */
export function numberColumn<Row>(
  title: string,
  read: (row: Row) => number,
  format: (value: number) => string,
): Column<Row> {
  return { title, cell: (row) => format(read(row)), className: 'number', sortBy: read }
}

/** Renders a table that scrolls sideways if there is no room. */
export function table<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  options: { readonly sort?: SortOrder; readonly onSort?: () => void; readonly total?: Row; readonly caption: string },
): HTMLElement {
  const { sort, total } = options
  const sortBy = sort === undefined ? undefined : columns[sort.column]?.sortBy
  const ordered =
    sort === undefined || sortBy === undefined
      ? rows
      : [...rows].sort((a, b) => compare(sortBy(a), sortBy(b)) * (sort.descending ? -1 : 1))
  const head = columns.map(({ title, className, sortBy: key }, index) => {
    const sorted = sort?.column === index ? (sort.descending ? 'descending' : 'ascending') : undefined
    const attributes = { 'aria-sort': key === undefined ? undefined : sorted, scope: 'col' }
    if (sort === undefined || key === undefined)
      return element('th', { class: className ?? '', text: title, attributes })
    const choose = (): void => {
      sort.descending = sort.column === index ? !sort.descending : className === 'number'
      sort.column = index
      options.onSort?.()
    }
    return element(
      'th',
      { class: className ?? '', attributes },
      element('button', { text: title, on: { click: choose }, attributes: { type: 'button' } }),
    )
  })
  const line = (row: Row, className = ''): HTMLElement =>
    element(
      'tr',
      { class: className },
      ...columns.map((column) => element('td', { class: column.className ?? '' }, column.cell(row))),
    )
  return element(
    'div',
    { class: 'scroll', attributes: { tabindex: '0', role: 'region', 'aria-label': options.caption } },
    element(
      'table',
      {},
      element('thead', {}, element('tr', {}, ...head)),
      element('tbody', {}, ...ordered.map((row) => line(row)), total !== undefined && line(total, 'total')),
    ),
  )
}

function compare(a: number | string, b: number | string): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b))
}
