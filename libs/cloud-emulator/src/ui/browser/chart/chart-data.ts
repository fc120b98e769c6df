import type { QuerySeries } from '../../../contract/charts.ts'

/** Times in seconds and one column of values for each series, in uPlot's format: `null` interrupts a line. */
export interface ChartColumns {
  readonly times: readonly number[]
  readonly columns: readonly (readonly (number | null)[])[]
  /** Later points belong to an alignment period that has not ended yet. */
  readonly partialAfterMs?: number
}

/** A value as a number: booleans are 0 and 1, strings have none. */
export function numberOf(value: number | boolean | string | null | undefined): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value === 'boolean') return value ? 1 : 0
  return null
}

/** A series' value at an index; the mean of a distribution. */
export function valueAt(series: QuerySeries, index: number): number | null {
  if (series.values) return numberOf(series.values[index])
  const distribution = series.distributions?.[index]
  return distribution && distribution.count > 0 ? distribution.mean : null
}

/** The latest end of a complete period; undefined if no series has an unfinished one. */
function partialAfter(series: readonly QuerySeries[]): number | undefined {
  let last: number | undefined
  for (const one of series) {
    if (one.partialFrom === undefined || one.partialFrom >= one.timesMs.length) continue
    const whole = one.timesMs[one.partialFrom - 1]
    if (whole !== undefined && (last === undefined || whole > last)) last = whole
  }
  return last
}

/** With short periods, points may be early or late, so that a period may have none. */
const FINE_GAP_PERIODS = 2.5
const GAP_PERIODS = 1.5

/**
 * Aligns series to the union of their times. A gap of more than one and a half periods (two and a half if they are
 * short) in all series gets a row of nulls, which interrupts the lines.
 */
export function toColumns(series: readonly QuerySeries[], periodSeconds: number): ChartColumns {
  const all = new Set<number>()
  for (const one of series) for (const time of one.timesMs) all.add(time)
  const sorted = [...all].sort((a, b) => a - b)
  const timesMs: number[] = []
  const gapMs = periodSeconds * 1000 * (periodSeconds < 60 ? FINE_GAP_PERIODS : GAP_PERIODS)
  for (const time of sorted) {
    const before = timesMs.at(-1)
    if (before !== undefined && time - before > gapMs) timesMs.push(before + periodSeconds * 1000)
    timesMs.push(time)
  }
  const rowOf = new Map(timesMs.map((time, index) => [time, index]))
  const columns = series.map((one) => {
    const column = new Array<number | null>(timesMs.length).fill(null)
    one.timesMs.forEach((time, index) => {
      const row = rowOf.get(time)
      if (row !== undefined) column[row] = valueAt(one, index)
    })
    return column
  })
  const partialAfterMs = partialAfter(series)
  return {
    times: timesMs.map((time) => time / 1000),
    columns,
    ...(partialAfterMs === undefined ? {} : { partialAfterMs }),
  }
}

/** The newest value of a complete period, or of the unfinished period if there is no other. */
export function latestValue(series: QuerySeries): { value: number; timeMs: number; partial: boolean } | undefined {
  const partialFrom = series.partialFrom ?? series.timesMs.length
  const at = (index: number): { value: number; timeMs: number; partial: boolean } | undefined => {
    const value = valueAt(series, index)
    const timeMs = series.timesMs[index]
    return value === null || timeMs === undefined ? undefined : { value, timeMs, partial: index >= partialFrom }
  }
  for (let index = partialFrom - 1; index >= 0; index--) {
    const found = at(index)
    if (found) return found
  }
  for (let index = series.timesMs.length - 1; index >= partialFrom; index--) {
    const found = at(index)
    if (found) return found
  }
  return undefined
}

/** Running sums over the columns, bottom first. A missing value counts as 0; a row without any value stays empty. */
export function stack(columns: readonly (readonly (number | null)[])[]): (number | null)[][] {
  const length = columns[0]?.length ?? 0
  const sums = new Array<number>(length).fill(0)
  const present = new Array<boolean>(length).fill(false)
  for (const column of columns) {
    column.forEach((value, row) => {
      if (value !== null) present[row] = true
    })
  }
  return columns.map((column) =>
    column.map((value, row) => {
      sums[row] = (sums[row] ?? 0) + (value ?? 0)
      return present[row] ? (sums[row] ?? 0) : null
    }),
  )
}

/** The rows of values without a neighbour to draw a line to, which are drawn as points. */
export function isolatedRows(column: readonly (number | null | undefined)[]): number[] {
  const rows: number[] = []
  column.forEach((value, row) => {
    if (value != null && column[row - 1] == null && column[row + 1] == null) rows.push(row)
  })
  return rows
}
