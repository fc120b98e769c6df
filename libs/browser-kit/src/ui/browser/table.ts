import { html, ifDefined, nothing, repeat, type TemplateResult } from './view.ts'

/** The content of a cell. */
export type Cell = string | TemplateResult | HTMLElement

/** A column of a table. */
export interface Column<Row> {
  readonly title: string
  readonly cell: (row: Row) => Cell
  readonly className?: string
  /** The value to sort by; without it, the table can't be sorted by this column. */
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

/** Options of {@link table}. */
export interface TableOptions<Row> {
  readonly caption: string
  /** Identifies a row, so that it stays the same element when it moves. */
  readonly key: (row: Row) => string
  readonly sort?: SortOrder
  readonly onSort?: () => void
  /** The rows are already in order, such as those of a server. */
  readonly isSorted?: boolean
  readonly total?: Row
  readonly className?: string
  readonly rowClass?: (row: Row) => string
}

/** A table that scrolls horizontally if it does not fit. */
export function table<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  options: TableOptions<Row>,
): TemplateResult {
  const { sort, total, caption, key, isSorted = false, className = '', rowClass } = options
  const sortBy = sort === undefined ? undefined : columns[sort.column]?.sortBy
  const ordered =
    sort === undefined || sortBy === undefined || isSorted
      ? rows
      : [...rows].sort((a, b) => compare(sortBy(a), sortBy(b)) * (sort.descending ? -1 : 1))
  const line = (row: Row, className = '') =>
    html`<tr class=${className}>
      ${columns.map((column) => html`<td class=${column.className ?? ''}>${column.cell(row)}</td>`)}
    </tr>`
  return html`<div class="scroll ${className}" tabindex="0" role="region" aria-label=${caption}>
    <table>
      ${
        columns.every(({ title }) => title === '')
          ? nothing
          : html`<thead>
              <tr>
                ${columns.map((column, index) => heading(column, index, options))}
              </tr>
            </thead>`
      }
      <tbody>
        ${repeat(ordered, key, (row) => line(row, rowClass?.(row)))} ${total === undefined ? nothing : line(total, 'total')}
      </tbody>
    </table>
  </div>`
}

function heading<Row>(
  { title, className = '', sortBy }: Column<Row>,
  index: number,
  { sort, onSort }: TableOptions<Row>,
): TemplateResult {
  if (title === '') return html`<td></td>`
  if (sort === undefined || sortBy === undefined) return html`<th class=${className} scope="col">${title}</th>`
  const choose = (): void => {
    sort.descending = sort.column === index ? !sort.descending : className === 'number'
    sort.column = index
    onSort?.()
  }
  const sorted = sort.column === index ? (sort.descending ? 'descending' : 'ascending') : undefined
  return html`<th class=${className} scope="col" aria-sort=${ifDefined(sorted)}>
    <button type="button" @click=${choose}>${title}</button>
  </th>`
}

function compare(a: number | string, b: number | string): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b))
}
