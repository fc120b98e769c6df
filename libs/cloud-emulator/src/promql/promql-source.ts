import type { Labels, Matcher, SelectSeries, TimeWindow } from '@node-to-cloud/promql'

/** A stored metric type that a PromQL name refers to. */
export interface NamedType {
  readonly metricType: string
  readonly kind: string
  readonly valueType: string
  /** The monitored resource types that it is written for. */
  readonly resources: readonly string[]
}

/** The metadata of a metric, as in Prometheus' API. */
export interface MetricMetadata {
  readonly type: string
  readonly help: string
  readonly unit: string
}

/** The exemplars of a series, as in Prometheus' API. */
export interface SeriesExemplars {
  readonly labels: Labels
  readonly exemplars: readonly Exemplar[]
}

export interface Exemplar {
  readonly labels: Readonly<Record<string, string>>
  readonly value: string
  readonly timestamp: number
}

/** The metrics of one project, as PromQL sees them. */
export interface PromqlSource {
  readonly select: SelectSeries
  /** The label sets of the series that have points in the window. */
  list(matchers: readonly Matcher[], window: TimeWindow): Iterable<Labels>
  exemplars(matchers: readonly Matcher[], window: TimeWindow): Iterable<SeriesExemplars>
  typesNamed(name: string): readonly NamedType[]
  /** By PromQL name. */
  metadata(): readonly (readonly [name: string, metadata: readonly MetricMetadata[]])[]
}
