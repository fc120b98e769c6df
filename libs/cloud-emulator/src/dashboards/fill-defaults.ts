import type { DashboardMessage, WidgetMessage } from './dashboard.ts'

const Y1 = 1
const LINEAR = 1
const MARKDOWN = 1

/** Fills in the omitted fields of a dashboard as the real API does. */
export function fillDefaults(dashboard: DashboardMessage): void {
  const { gridLayout, mosaicLayout, rowLayout, columnLayout } = dashboard
  for (const widget of gridLayout?.widgets ?? []) fillWidget(widget)
  for (const { widgets } of [...(rowLayout?.rows ?? []), ...(columnLayout?.columns ?? [])])
    for (const widget of widgets) fillWidget(widget)
  for (const { widget } of mosaicLayout?.tiles ?? []) if (widget) fillWidget(widget)
}

function fillWidget({ xyChart, text, timeSeriesTable }: WidgetMessage): void {
  for (const dataSet of xyChart?.dataSets ?? []) dataSet.targetAxis ||= Y1
  if (xyChart?.yAxis) xyChart.yAxis.scale ||= LINEAR
  for (const dataSet of timeSeriesTable?.dataSets ?? []) dataSet.minAlignmentPeriod ??= { seconds: 0, nanos: 0 }
  if (!text) return
  text.style ??= {}
  text.format ||= MARKDOWN
}
