import type { Labels } from '../../contract/metrics.ts'

/** What a measured series is about. */
export interface MeasuredIdentity {
  readonly metricType: string
  readonly metricLabels: Labels
  readonly resourceType: string
  readonly resourceLabels: Labels
}

/** The value of one series at a time. */
export interface Measurement extends MeasuredIdentity {
  /** Equal for equal identities. */
  readonly key: string
  readonly value: number
}

/** What a query gives at a time. */
export interface Measured {
  readonly series: readonly Measurement[]
  /** How many stored series the query selects, whether they have a value at that time or not. */
  readonly selected: number
}

/** A condition's query: from a time to the series that it measures then. Throws `RpcError` if it can't be answered. */
export type Measure = (atMicros: number) => Measured | Promise<Measured>
