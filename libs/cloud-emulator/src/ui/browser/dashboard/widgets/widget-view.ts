import type { AlertingView, AlertPolicy } from '../../../../contract/alerting.ts'
import type { ChartQuery, QueryResult } from '../../../../contract/charts.ts'
import type { LogList, LogListParameters } from '../../../../contract/logs.ts'

/** The time range of a dashboard. */
export interface TimeFrame {
  readonly startMs: number
  readonly endMs: number
  readonly nowMs: number
}

/** A query before the dashboard's filters and alignment period are applied. */
export interface WidgetQuery extends ChartQuery {
  readonly minAlignmentPeriod?: string | undefined
  /** Queries a range this much earlier than the dashboard's. The result is shifted back to it. */
  readonly shiftMs?: number
}

/** The calls of a chart to its page. */
export interface ChartEvents {
  readonly onZoom: (startMs: number, endMs: number) => void
  readonly onZoomReset: () => void
  readonly onTrace: (traceId: string) => void
  readonly traceLink: (traceId: string) => string
}

/** The source of incidents for alerting widgets. */
export interface AlertReader {
  alerting(signal: AbortSignal): Promise<AlertingView>
  alertPolicy(name: string, signal: AbortSignal): Promise<AlertPolicy>
}

export interface WidgetEvents extends ChartEvents {
  readonly logs: (parameters: LogListParameters, signal: AbortSignal) => Promise<LogList>
  /** The address of the logs that match a query. */
  readonly logsLink: (query: string) => string
}

/**
 * A widget on the page. The dashboard sends the queries of all widgets in one request and passes each widget its
 * results.
 */
export interface WidgetView {
  /** The content of the tile below its title. */
  readonly body: HTMLElement
  readonly queries: readonly WidgetQuery[]
  /** Reads what the widget shows besides query results; called before {@link queries} is read. */
  prepare?(nowMs: number, signal: AbortSignal): Promise<void>
  /** `results` are in the order of {@link queries}. */
  update(results: readonly QueryResult[], frame: TimeFrame): void
  /** For widgets whose data is not time series: called at every refresh. */
  load?(frame: TimeFrame, signal: AbortSignal): Promise<void>
  destroy(): void
}

/** A widget without data, which never changes. */
export function staticView(body: HTMLElement): WidgetView {
  return { body, queries: [], update: () => {}, destroy: () => {} }
}
