import { plural } from '@node-to-cloud/browser-kit/format/plural'
import { formatBytes, formatCount } from '@node-to-cloud/browser-kit/format/value'
import type { StatusSection } from '../contract/status.ts'
import type { MonthlyUsage } from '../write/metric-usage.ts'

/** Any more are added up. */
const MAX_ROWS = 20

/** The table of the status page: the metrics with the highest cost. */
export function usageSection(usages: readonly MonthlyUsage[]): StatusSection {
  const rows = usages.slice(0, MAX_ROWS).map((usage) => [usage.metricType, amountOf(usage)] as const)
  const rest = usages.slice(MAX_ROWS)
  if (rest.length > 0)
    rows.push([`${formatCount(rest.length)} more ${plural(rest.length, 'metric')}`, amountOf(sumOf(rest))])
  return { title: 'Written per month, at the rate since the start', rows }
}

/** The output of `--dry-run`: every metric, and the total. */
export function usageTable(usages: readonly MonthlyUsage[]): string {
  const head = ['TYPE', 'KIND', 'SERIES', 'POINTS/MONTH', 'SAMPLES/MONTH', 'BYTES/MONTH']
  const all = [...usages, { ...sumOf(usages), metricType: 'all', kind: '' }]
  const lines = all.map(({ metricType, kind, series, points, samples, bytes }) => [
    metricType,
    kind,
    ...[series, points, samples, bytes].map(formatCount),
  ])
  const widths = head.map((title, column) =>
    Math.max(title.length, ...lines.map((line) => (line[column] ?? '').length)),
  )
  return [head, ...lines]
    .map((line) =>
      line
        .map((text, column) => (column < 2 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function amountOf({ series, points, samples, bytes }: Omit<MonthlyUsage, 'metricType' | 'kind'>): string {
  return `${formatCount(series)} series: ${formatCount(points)} ${plural(points, 'point')}, ${formatCount(samples)} ${plural(samples, 'sample')}, ${formatBytes(bytes)}`
}

function sumOf(usages: readonly MonthlyUsage[]): Omit<MonthlyUsage, 'metricType' | 'kind'> {
  const sum = { series: 0, points: 0, samples: 0, bytes: 0 }
  for (const usage of usages) {
    sum.series += usage.series
    sum.points += usage.points
    sum.samples += usage.samples
    sum.bytes += usage.bytes
  }
  return sum
}
