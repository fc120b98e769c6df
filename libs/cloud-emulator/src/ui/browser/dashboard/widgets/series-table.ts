import { styled } from '@node-to-cloud/browser-kit/browser/styled'
import { html, nothing, render, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import { formatCount } from '@node-to-cloud/browser-kit/format/value'
import type { TimeSeriesTable } from '../../../../contract/dashboard.ts'
import { el } from '../../element.ts'
import { createWidgetMessage } from './message.ts'
import { MAX_ROWS, type TableContent, tableOf } from './table-rows.ts'
import type { WidgetView } from './widget-view.ts'

function tableView({ columns, rows, cut }: TableContent, bars: boolean): TemplateResult {
  const largest = Math.max(0, ...rows.map((row) => row.value)) || 1
  const value = (share: number, text: string): TemplateResult =>
    bars
      ? html`<td class="number bar-cell" ${styled({ '--share': `${share * 100}%` })}>${text}</td>`
      : html`<td class="number">${text}</td>`
  return html`<table>
      <thead>
        <tr>${columns.map(({ title, alignment }) => html`<th scope="col" class="align-${alignment}">${title}</th>`)}<th class="number" scope="col">value</th></tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>${row.cells.map((cell, index) => html`<td class="align-${columns[index]?.alignment ?? 'left'}">${cell}</td>`)}${value(row.value / largest, row.valueText)}</tr>`,
        )}
      </tbody>
    </table>
    ${
      cut === 0
        ? nothing
        : html`<p class="muted table-cut">The largest ${formatCount(rows.length)} of ${formatCount(rows.length + cut)} series</p>`
    }`
}

/** A table of the newest value of each series. */
export function createSeriesTable(table: TimeSeriesTable): WidgetView {
  const message = createWidgetMessage()
  const host = el('div', { class: 'table-scroll', tabindex: '0', role: 'region', 'aria-label': 'Table' })
  const dataSets = table.dataSets ?? []
  return {
    body: el('div', { class: 'widget-table' }, host, message.element),
    queries: dataSets.map(({ timeSeriesQuery = {}, minAlignmentPeriod }) => ({
      timeSeriesQuery,
      minAlignmentPeriod,
      partial: true,
      maxSeries: MAX_ROWS,
    })),
    update(results) {
      const content = tableOf(results, table)
      render(tableView(content, table.metricVisualization === 'BAR'), host)
      message.show(
        results,
        dataSets.map(({ timeSeriesQuery }) => timeSeriesQuery),
        content.rows.length > 0,
      )
    },
    destroy: () => {},
  }
}
