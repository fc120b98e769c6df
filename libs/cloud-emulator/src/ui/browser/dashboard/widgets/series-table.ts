import { formatExactValue } from '@node-to-cloud/browser-kit/format/value'
import type { QueryResult, QuerySeries } from '../../../../contract/charts.ts'
import type { TimeSeriesTable } from '../../../../contract/dashboard.ts'
import { latestValue } from '../../chart/chart-data.ts'
import { el } from '../../element.ts'
import { fillTemplate, shortMetricName } from '../legend.ts'
import { createWidgetMessage } from './message.ts'
import type { WidgetView } from './widget-view.ts'

const MAX_ROWS = 100

/** A row: a series' labels and its newest value. */
export interface TableRow {
  readonly cells: readonly string[]
  readonly value: number
  readonly valueText: string
}

/** The columns and rows of a table: one column for each label that any series has, largest values first. */
export function tableOf(
  results: readonly QueryResult[],
  table: TimeSeriesTable,
): { columns: readonly string[]; rows: readonly TableRow[] } {
  const hidden = new Set(
    (table.columnSettings ?? []).filter((setting) => setting.visible === false).map((setting) => setting.column),
  )
  const labelsOf = (series: QuerySeries): Map<string, string> =>
    new Map([...Object.entries(series.metricLabels), ...Object.entries(series.resourceLabels)])
  const keys = new Set<string>()
  for (const result of results) {
    for (const series of result.series ?? [])
      for (const key of labelsOf(series).keys()) if (!hidden.has(key)) keys.add(key)
  }
  const several = (table.dataSets?.length ?? 0) > 1
  const rows: TableRow[] = []
  results.forEach((result, index) => {
    const dataSet = table.dataSets?.[index]
    const unit = dataSet?.timeSeriesQuery?.unitOverride || result.unit || '1'
    for (const series of result.series ?? []) {
      const latest = latestValue(series)
      if (!latest) continue
      const labels = labelsOf(series)
      const named = dataSet?.tableTemplate
        ? fillTemplate(dataSet.tableTemplate, series)
        : shortMetricName(series.metricType)
      rows.push({
        cells: [...(several ? [named] : []), ...[...keys].map((key) => labels.get(key) ?? '')],
        value: latest.value,
        valueText: formatExactValue(latest.value, unit),
      })
    }
  })
  rows.sort((a, b) => b.value - a.value)
  return { columns: [...(several ? ['metric'] : []), ...keys], rows: rows.slice(0, MAX_ROWS) }
}

/** A table of the newest value of each series. */
export function createSeriesTable(table: TimeSeriesTable): WidgetView {
  const message = createWidgetMessage()
  const host = el('div', { class: 'table-scroll', tabindex: '0', role: 'region', 'aria-label': 'Table' })
  const bars = table.metricVisualization === 'BAR'
  return {
    body: el('div', { class: 'widget-table' }, host, message.element),
    queries: (table.dataSets ?? []).map((dataSet) => ({
      timeSeriesQuery: dataSet.timeSeriesQuery ?? {},
      minAlignmentPeriod: dataSet.minAlignmentPeriod,
      partial: true,
      maxSeries: MAX_ROWS,
    })),
    update(results) {
      const { columns, rows } = tableOf(results, table)
      const largest = Math.max(0, ...rows.map((row) => row.value)) || 1
      message.show(
        results,
        (table.dataSets ?? []).map((dataSet) => dataSet.timeSeriesQuery),
        rows.length > 0,
      )
      host.replaceChildren(
        el(
          'table',
          {},
          el(
            'thead',
            {},
            el('tr', {}, ...columns.map((column) => el('th', {}, column)), el('th', { class: 'number' }, 'value')),
          ),
          el(
            'tbody',
            {},
            ...rows.map((row) =>
              el(
                'tr',
                {},
                ...row.cells.map((cell) => el('td', {}, cell)),
                el(
                  'td',
                  {
                    class: bars ? 'number bar-cell' : 'number',
                    style: bars ? { '--share': `${(row.value / largest) * 100}%` } : {},
                  },
                  row.valueText,
                ),
              ),
            ),
          ),
        ),
      )
    },
    destroy: () => {},
  }
}
