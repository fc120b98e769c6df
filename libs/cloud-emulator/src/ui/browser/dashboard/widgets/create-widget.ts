import type { Widget } from '../../../../contract/dashboard.ts'
import { el } from '../../element.ts'
import { createAlertChart } from './alerting/alert-chart.ts'
import { createIncidentList } from './alerting/incident-list.ts'
import { noteOf } from './chart/chart-widget.ts'
import { createXyChart } from './chart/xy-chart.ts'
import { createLogsPanel } from './logs-panel.ts'
import { createPieChart } from './pie/pie-chart.ts'
import { createScorecard } from './scorecard/scorecard.ts'
import { createSeriesTable } from './series-table.ts'
import { createText } from './text-widget.ts'
import { undrawnFields } from './undrawn-fields.ts'
import { type AlertReader, staticView, type WidgetEvents, type WidgetView } from './widget-view.ts'

const OTHER_FIELDS = new Set(['title', 'id', 'visibilityCondition', 'timeRange'])

/** Creates the view of a widget. The tile says which kinds and fields are not supported. */
export function createWidget(widget: Widget, events: WidgetEvents, alerts: AlertReader): WidgetView {
  const view = viewOf(widget, events, alerts)
  const note = noteOf(undrawnFields(widget))
  if (note !== null) view.body.prepend(note)
  return view
}

function viewOf(widget: Widget, events: WidgetEvents, alerts: AlertReader): WidgetView {
  if (widget.xyChart) return createXyChart(widget.xyChart, widget.title ?? '', events)
  if (widget.scorecard) return createScorecard(widget.scorecard)
  if (widget.pieChart) return createPieChart(widget.pieChart, widget.title ?? '')
  if (widget.timeSeriesTable) return createSeriesTable(widget.timeSeriesTable)
  if (widget.text) return createText(widget.text)
  if (widget.alertChart) return createAlertChart(widget.alertChart.name ?? '', events, alerts)
  if (widget.incidentList) return createIncidentList(widget.incidentList, alerts)
  if (widget.logsPanel) return createLogsPanel(widget.logsPanel, events)
  if (widget.blank) return staticView(el('div'))
  const kind = Object.keys(widget).find((key) => !OTHER_FIELDS.has(key)) ?? 'nothing'
  return staticView(
    el(
      'div',
      { class: 'widget-message', 'data-unsupported': kind },
      el('strong', {}, `“${kind}” is not supported here`),
      el(
        'span',
        {},
        'Google Cloud supports it; this emulator supports charts, pies, scorecards, tables, alerts and text.',
      ),
    ),
  )
}
