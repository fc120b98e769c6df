import type { ChartQuery, QueryResult } from '../../../../contract/charts.ts'

/** The stretch of time that a dashboard shows. */
export interface TimeFrame {
  readonly startMs: number
  readonly endMs: number
  readonly nowMs: number
}

/** A query before the dashboard's filters and the range's alignment period are put in. */
export interface WidgetQuery extends ChartQuery {
  readonly minAlignmentPeriod?: string | undefined
  /** How much earlier than the dashboard's times it looks. The answer comes back moved on to those. */
  readonly shiftMs?: number
}

/** What widgets can ask of the page. */
export interface WidgetEvents {
  readonly onZoom: (startMs: number, endMs: number) => void
  readonly onZoomReset: () => void
  readonly onTrace: (traceId: string) => void
}

/** A widget on the page. The dashboard asks all its widgets' queries in one request and hands each its answers. */
export interface WidgetView {
  /** Stands in the tile below the title. */
  readonly body: HTMLElement
  readonly queries: readonly WidgetQuery[]
  /** `results` are in the order of {@link queries}. */
  update(results: readonly QueryResult[], frame: TimeFrame): void
  destroy(): void
}

/** A widget without data: it stands as it was made. */
export function staticView(body: HTMLElement): WidgetView {
  return { body, queries: [], update: () => {}, destroy: () => {} }
}
