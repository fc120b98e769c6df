import type { Labels } from '../../contract/metrics.ts'

/** The identity of a measured series. */
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

/** The result of a query at a time. */
export interface Measured {
  readonly series: readonly Measurement[]
  /** How many stored series the query selects, including those without a value at that time. */
  readonly selected: number
}

/** A condition's query: returns the measured series at a time. Throws `RpcError` if it fails. */
export type Measure = (atMicros: number) => Measured | Promise<Measured>
