import { type Column, table } from '@node-to-cloud/browser-kit/browser/table'
import { html, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import { formatCount, formatExactValue } from '@node-to-cloud/browser-kit/format/value'
import type { InstantAnswer } from '../../client/promql-client.ts'

const MAX_ROWS = 500
const MAX_SAMPLES = 10
const NAME = '__name__'

/** A row: the labels of a series, and its value. */
export interface InstantRow {
  readonly labels: Readonly<Record<string, string>>
  readonly value: string
  readonly number: number
}

function numberText(text: string): string {
  const value = Number(text)
  return Number.isFinite(value) ? formatExactValue(value) : text
}

/** The rows of a result; for a range vector the newest sample of each series. */
export function instantRows(data: InstantAnswer): readonly InstantRow[] {
  switch (data.resultType) {
    case 'vector':
      return data.result.map(({ metric, value, histogram }) =>
        value === undefined
          ? { labels: metric, value: histogramText(histogram?.[1]), number: Number(histogram?.[1].count ?? 0) }
          : { labels: metric, value: numberText(value[1]), number: Number(value[1]) },
      )
    case 'matrix':
      return data.result.map(({ metric, values = [] }) => ({
        labels: metric,
        value: values
          .slice(-MAX_SAMPLES)
          .map(([, text]) => numberText(text))
          .join('  '),
        number: Number(values.at(-1)?.[1]),
      }))
    case 'scalar':
      return [{ labels: {}, value: numberText(data.result[1]), number: Number(data.result[1]) }]
    case 'string':
      return [{ labels: {}, value: data.result[1], number: 0 }]
  }
}

function histogramText(histogram: { readonly count: string; readonly sum: string } | undefined): string {
  return histogram === undefined
    ? ''
    : `histogram: count ${numberText(histogram.count)}, sum ${numberText(histogram.sum)}`
}

/** NaN comes last. */
function rankOf({ number }: InstantRow): number {
  return Number.isNaN(number) ? -Number.MAX_VALUE : Math.min(Number.MAX_VALUE, Math.max(-Number.MAX_VALUE, number))
}

/** The result as a table: a column for each label, largest values first. */
export function instantTable(data: InstantAnswer): TemplateResult {
  const rows = instantRows(data).toSorted((a, b) => rankOf(b) - rankOf(a))
  if (rows.length === 0) return html`<p class="muted pad">No series has a value at this time.</p>`
  const keys = [...new Set(rows.flatMap(({ labels }) => Object.keys(labels)))].sort(
    (a, b) => Number(b === NAME) - Number(a === NAME),
  )
  const columns: readonly Column<InstantRow>[] = [
    ...keys.map((key) => ({
      title: key === NAME ? 'metric' : key,
      cell: ({ labels }: InstantRow) => labels[key] ?? '',
    })),
    { title: 'value', className: 'number', cell: ({ value }) => value },
  ]
  const more =
    rows.length > MAX_ROWS ? html`<p class="muted pad">${formatCount(rows.length - MAX_ROWS)} more series</p>` : ''
  return html`${table(columns, rows.slice(0, MAX_ROWS), { caption: 'Values', key: ({ labels }) => JSON.stringify(labels) })}${more}`
}
