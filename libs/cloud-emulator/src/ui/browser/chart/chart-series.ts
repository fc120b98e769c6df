import type { QuerySeries } from '../../../contract/charts.ts'

export type PlotType = 'LINE' | 'STACKED_AREA' | 'STACKED_BAR'

/** A series of a chart over time. */
export interface ChartSeries {
  readonly name: string
  readonly plotType: PlotType
  readonly axis: 'Y1' | 'Y2'
  readonly unit: string
  readonly data: QuerySeries
  /** The name of the current series that this earlier one is compared with; it is drawn dashed, in the same colour. */
  readonly earlierOf?: string
}
