import { formatExactValue } from '@node-to-cloud/browser-kit/format/value'
import type { QueryResult, QuerySeries } from '../../../../contract/charts.ts'
import type { TimeSeriesTable } from '../../../../contract/dashboard.ts'
import { latestValue } from '../../chart/chart-data.ts'
import { fillTemplate, shortMetricName } from '../legend.ts'

/** The maximum number of rows in a table. */
export const MAX_ROWS = 100

/** A row: a series' labels and its newest value. */
export interface TableRow {
  readonly cells: readonly string[]
  readonly value: number
  readonly valueText: string
}

/** The header of a column. */
export interface TableColumn {
  readonly title: string
  readonly alignment: 'left' | 'center' | 'right'
}

/** The content of a table. */
export interface TableContent {
  readonly columns: readonly TableColumn[]
  readonly rows: readonly TableRow[]
  /** The number of series without a row. */
  readonly cut: number
}

function labelsOf({ metricLabels, resourceLabels }: QuerySeries): ReadonlyMap<string, string> {
  return new Map([...Object.entries(metricLabels), ...Object.entries(resourceLabels)])
}

function columnOf(key: string, { columnSettings = [] }: TimeSeriesTable): TableColumn {
  const { displayName, alignment } = columnSettings.find(({ column }) => column === key) ?? {}
  return {
    title: displayName || key,
    alignment: alignment === 'CENTER' ? 'center' : alignment === 'RIGHT' ? 'right' : 'left',
  }
}

/** The columns and rows of a table: one column for each label that any series has, largest values first. */
export function tableOf(results: readonly QueryResult[], table: TimeSeriesTable): TableContent {
  const hidden = new Set(
    (table.columnSettings ?? []).filter((setting) => setting.visible === false).map((setting) => setting.column),
  )
  const all = results.flatMap(({ series = [] }) => series)
  const keys = [...new Set(all.flatMap((series) => [...labelsOf(series).keys()]))].filter((key) => !hidden.has(key))
  const several = (table.dataSets?.length ?? 0) > 1
  const rows = results.flatMap((result, index) => {
    const { tableTemplate, timeSeriesQuery } = table.dataSets?.[index] ?? {}
    const unit = timeSeriesQuery?.unitOverride || result.unit || '1'
    return (result.series ?? []).flatMap((series): TableRow[] => {
      const value = latestValue(series)?.value
      if (value === undefined) return []
      const labels = labelsOf(series)
      const named = tableTemplate ? fillTemplate(tableTemplate, series) : shortMetricName(series.metricType)
      const cells = [...(several ? [named] : []), ...keys.map((key) => labels.get(key) ?? '')]
      return [{ cells, value, valueText: formatExactValue(value, unit) }]
    })
  })
  rows.sort((a, b) => b.value - a.value)
  const unasked = results.map(({ totalSeries = 0, series = [] }) => Math.max(0, totalSeries - series.length))
  return {
    columns: [...(several ? ['metric'] : []), ...keys].map((key) => columnOf(key, table)),
    rows: rows.slice(0, MAX_ROWS),
    cut: unasked.reduce((sum, one) => sum + one, 0) + Math.max(0, rows.length - MAX_ROWS),
  }
}
