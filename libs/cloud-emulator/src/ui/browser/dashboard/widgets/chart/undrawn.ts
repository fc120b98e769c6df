import type { XyChart } from '../../../../../contract/dashboard.ts'
import { parseDurationSeconds } from '../../../format/duration-seconds.ts'

/** The parts of a chart that are not supported here, described for its tile. */
export function undrawnParts(chart: XyChart): string[] {
  const dataSets = chart.dataSets ?? []
  const parts: string[] = []
  const heatmaps = dataSets.filter((dataSet) => dataSet.plotType === 'HEATMAP').length
  const shift = chart.timeshiftDuration
  const compares = shift !== undefined && parseDurationSeconds(shift) !== 0
  if (compares && !isCompared(chart)) {
    parts.push(
      (parseDurationSeconds(shift) ?? 0) > 0
        ? `timeshiftDuration ${shift}: only lines can be compared with earlier times`
        : `timeshiftDuration ${shift}: it must be a number of seconds above 0`,
    )
  }
  if (heatmaps > 0 && dataSets.length > 1) parts.push('data sets in addition to the first heatmap')
  if (heatmaps > 0 && (chart.thresholds?.length ?? 0) > 0) parts.push('thresholds of a heatmap')
  const mode = chart.chartOptions?.mode
  if (mode === 'X_RAY' || mode === 'STATS') parts.push(`chartOptions.mode ${mode}`)
  if (chart.chartOptions?.displayHorizontal) parts.push('chartOptions.displayHorizontal: values are drawn vertically')
  for (const name of ['breakdowns', 'dimensions', 'measures', 'sort'] as const) {
    if (dataSets.some((dataSet) => (dataSet[name]?.length ?? 0) > 0)) parts.push(`${name} of a data set`)
  }
  return parts
}

/**
 * Whether a chart also shows its series from `timeshiftDuration` before, which Cloud Monitoring does for lines only.
 */
export function isCompared(chart: XyChart): boolean {
  const lines = (chart.dataSets ?? []).every(
    ({ plotType }) => !plotType || /^(LINE|PLOT_TYPE_UNSPECIFIED)$/.test(plotType),
  )
  return lines && (parseDurationSeconds(chart.timeshiftDuration) ?? 0) > 0
}
