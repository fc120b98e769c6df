import type { AppContext } from '../../app-context.ts'
import { zoomTo } from '../../range/time-range.ts'
import type { WidgetEvents } from './widget-view.ts'

/** The actions of widgets on their page. */
export function widgetEvents(app: AppContext): WidgetEvents {
  return {
    onZoom: (startMs, endMs) => app.setRange(zoomTo(startMs, endMs)),
    onZoomReset: () => app.resetRange(),
    onTrace: (traceId) => app.navigate({ page: 'traces', id: traceId, parameters: app.route().parameters }),
    traceLink: (traceId) => app.link('traces', traceId),
    logs: (parameters, signal) => app.api.logs(parameters, signal),
    logsLink: (query) => app.link('logs', undefined, { query }),
  }
}
